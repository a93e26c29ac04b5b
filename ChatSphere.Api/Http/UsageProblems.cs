using System.Globalization;
using ChatSphere.Contracts;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Http;

internal static class UsageProblems
{
    /// <summary>402 for what a larger plan allows, 429 for what comes back with the next day.</summary>
    /// <param name="ofAnother">The limit is that of somebody else's plan, whose numbers are not the caller's to see.</param>
    public static ProblemHttpResult ToProblem(this UsageRefusal refusal, bool ofAnother = false)
    {
        var daily = refusal.Resets is not null;
        var code = daily ? ErrorCodes.UsageLimitReached : ErrorCodes.PlanLimitReached;
        var extensions = new Dictionary<string, object?> { ["code"] = code, ["kind"] = refusal.Kind, ["resets"] = refusal.Resets };
        if (!ofAnother)
        {
            extensions["limit"] = refusal.Limit;
            extensions["used"] = refusal.Used;
            extensions["plan"] = refusal.PlanKey;
        }

        return TypedResults.Problem(
            ofAnother ? "The plan of the bot’s owner has no room for more." : Sentence(refusal),
            statusCode: daily ? StatusCodes.Status429TooManyRequests : StatusCodes.Status402PaymentRequired, type: Problems.TypeOf(code), extensions: extensions);
    }

    private static string Sentence(UsageRefusal refusal) => refusal.Kind switch
    {
        UsageKinds.Bots => $"Your plan {refusal.PlanName} allows {Count(refusal.Limit, "bot")}, and you have {refusal.Used}.",
        UsageKinds.Documents => $"Your plan {refusal.PlanName} allows {Count(refusal.Limit, "document")}, and you have {refusal.Used}.",
        UsageKinds.StorageBytes => $"Your plan {refusal.PlanName} holds {Bytes(refusal.Limit)} of documents; {Bytes(refusal.Used)} are in use, and this does not fit.",
        UsageKinds.Messages => $"Your plan {refusal.PlanName} allows {Count(refusal.Limit, "message")} a day, and all are used. It begins anew at {refusal.Resets:HH:mm} UTC.",
        UsageKinds.Models => $"Your plan {refusal.PlanName} does not include this model.",
        UsageKinds.ApiKeys => $"Your plan {refusal.PlanName} allows {Count(refusal.Limit, "API key")}, and you have {refusal.Used}.",
        UsageKinds.Seats => $"Your plan {refusal.PlanName} has {Count(refusal.Limit, "seat")} for others, and {refusal.Used} are given.",
        UsageKinds.OwnKeys => $"Your plan {refusal.PlanName} does not include keys of your own.",
        _ => $"Your plan {refusal.PlanName} allows no more of this.",
    };

    private static string Count(long? limit, string thing) => string.Create(CultureInfo.InvariantCulture, $"{limit:N0} {thing}{(limit == 1 ? "" : "s")}");

    private static string Bytes(long? bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#} GB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.#} MB"),
        >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 10):0.#} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
    };
}
