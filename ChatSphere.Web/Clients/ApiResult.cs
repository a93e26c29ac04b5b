using System.Diagnostics.CodeAnalysis;

namespace ChatSphere.Web.Clients;

/// <summary>What the API answered: a value, or why not.</summary>
public sealed record ApiResult<T>(T? Value, ApiProblem? Problem)
{
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool Succeeded => Problem is null;
}

/// <summary>A call that answers with no body.</summary>
public sealed record Nothing
{
    public static readonly Nothing Value = new();

    /// <summary>202: what was asked for happens later, or by mail.</summary>
    public bool IsAccepted { get; init; }
}

/// <summary>A problem response (RFC 9457), or one of the two that Web adds: <see cref="Unreachable"/> and <see cref="SessionEnded"/>.</summary>
/// <param name="Detail">A sentence for people.</param>
public sealed record ApiProblem(int Status, string Code, string Detail)
{
    /// <summary>The API did not answer; asking again may help.</summary>
    public const string Unreachable = "api_unreachable";

    /// <summary>The person must sign in again.</summary>
    public const string SessionEnded = "session_ended";

    private static readonly IReadOnlyDictionary<string, string[]> NoErrors = new Dictionary<string, string[]>();

    /// <summary>By field name; look up with <see cref="For"/>.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = NoErrors;

    public string? TraceId { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Of <c>second_factor_needed</c>: to be sent with the second factor.</summary>
    public string? Ticket { get; init; }

    /// <summary>Of <c>second_factor_needed</c>: what may be brought.</summary>
    public IReadOnlyList<string>? Methods { get; init; }

    /// <summary>Of <c>payment_required_elsewhere</c>: where; null: this deployment has no such place.</summary>
    public string? CheckoutUrl { get; init; }

    public bool IsNotFound => Status == StatusCodes.Status404NotFound;

    public bool MayPass => Code is Unreachable || Status is 429 or 502 or 503 or 504;

    /// <returns>What is wrong with one field, or null. The API names fields as in JSON, validation libraries as in C#: case does not count.</returns>
    public string? For(string field)
    {
        foreach (var (name, messages) in Errors)
        {
            if (messages.Length > 0 && string.Equals(name[(name.LastIndexOf('.') + 1)..], field, StringComparison.OrdinalIgnoreCase))
            {
                return messages[0];
            }
        }

        return null;
    }

    public static ApiProblem NotReachable() => new(0, Unreachable, "ChatSphere can’t reach its server right now. Your work is safe; try again in a moment.");

    public static ApiProblem Ended() => new(401, SessionEnded, "Your session has ended. Please sign in again.");
}
