using ChatSphere.Api.Http;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class RequestErasure
{
    public static async Task<Results<Accepted<ErasureAcceptedResponse>, ProblemHttpResult>> MineAsync(
        RequestErasureRequest request, CurrentUser user, ChatSphereDb db, ErasureRequests requests, CancellationToken cancellationToken)
    {
        var account = await db.Users.AsNoTracking().SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        if (!string.Equals(request.Email.Trim(), account.Email, StringComparison.OrdinalIgnoreCase))
        {
            return Problems.Invalid("email", "Type the e-mail of this account to confirm.");
        }

        var (erasure, refusal) = await requests.AddAsync(account, user.AccountId, null, cancellationToken);
        return refusal is not null ? refusal : TypedResults.Accepted((string?)null, new ErasureAcceptedResponse(erasure!.Id, erasure.DueAt));
    }

    public static async Task<Results<Accepted<ErasureResponse>, ProblemHttpResult>> ForOtherAsync(
        Guid accountId, ActForPersonRequest request, CurrentUser user, ChatSphereDb db, ErasureRequests requests, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Reason) is { } unfit)
        {
            return Problems.Invalid("reason", unfit);
        }

        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(a => a.Id == accountId, cancellationToken) is not { } account)
        {
            return Problems.NotFound();
        }

        var (erasure, refusal) = await requests.AddAsync(account, user.AccountId, request.Reason.Trim(), cancellationToken);
        return refusal is not null ? refusal : TypedResults.Accepted("/v1/privacy/erasures", ListErasures.ToResponse(erasure!, onHold: false));
    }
}
