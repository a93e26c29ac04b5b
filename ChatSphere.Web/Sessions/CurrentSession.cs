using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace ChatSphere.Web.Sessions;

/// <summary>The session of the person behind this request or circuit.</summary>
public sealed class CurrentSession(AuthenticationStateProvider authentication)
{
    /// <returns>Null for a person who is not signed in.</returns>
    public async ValueTask<string?> IdAsync() => (await authentication.GetAuthenticationStateAsync()).User.FindFirstValue(WebSession.IdClaim);
}
