using System.Reflection;

namespace ChatSphere.Api.Http;

/// <summary>Who asks. Bound from the verified access token; only where authorization is required.</summary>
public sealed record CurrentUser(Guid AccountId, Guid SessionId)
{
    public const string SessionClaim = "sid";
    public const string AccountClaim = "sub";

    public static ValueTask<CurrentUser> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var user = context.User;
        return ValueTask.FromResult(new CurrentUser(
            Guid.Parse(user.FindFirst(AccountClaim)?.Value ?? throw new InvalidOperationException($"{parameter.Name}: the endpoint does not require authorization.")),
            Guid.Parse(user.FindFirst(SessionClaim)!.Value)));
    }
}
