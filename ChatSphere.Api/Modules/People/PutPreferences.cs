using System.Text.RegularExpressions;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.People;

internal static partial class PutPreferences
{
    public static async Task<Results<Ok<Preferences>, ProblemHttpResult>> HandleAsync(
        Preferences request, CurrentUser user, ChatSphereDb db, ModelCatalogue models, CancellationToken cancellationToken)
    {
        if (request.Locale is not null && !LanguageTag().IsMatch(request.Locale))
        {
            return Problems.Invalid("locale", "A language tag such as en, sv or pt-BR.");
        }

        if (request.TimeZone is not null && (!TimeZoneName().IsMatch(request.TimeZone) || !TimeZoneInfo.TryFindSystemTimeZoneById(request.TimeZone, out var zone) || !zone.HasIanaId))
        {
            return Problems.Invalid("timeZone", "The name of a time zone such as Europe/Stockholm.");
        }

        if (request.DefaultModel is not null && !await models.KnowsAsync(request.DefaultModel, user.AccountId, cancellationToken))
        {
            return Problems.Invalid("defaultModel", "No such model. GET /v1/models lists those that there are.", ErrorCodes.ModelUnknown);
        }

        var profile = await db.ProfileOfAsync(user.AccountId, cancellationToken);
        (profile.Locale, profile.Theme, profile.DefaultModel, profile.TimeZone) = (request.Locale, (Theme)request.Theme!.Value, request.DefaultModel, request.TimeZone);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(request);
    }

    // Language, script, region (BCP 47 without variants and extensions).
    [GeneratedRegex(@"\A[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\z")]
    private static partial Regex LanguageTag();

    // Names become paths in the system's folder of time zones.
    [GeneratedRegex(@"\A[A-Za-z]+([+-]?[0-9]+)?([/_-][A-Za-z]+([+-]?[0-9]+)?)*\z")]
    private static partial Regex TimeZoneName();
}
