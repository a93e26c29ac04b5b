using ChatSphere.Contracts.Accounts;
using ChatSphere.Web.Clients;

namespace ChatSphere.Web.Sessions;

/// <summary>The last thing that all ways of signing in do.</summary>
public static class Arrival
{
    /// <returns>Null when the person is signed in to this browser.</returns>
    public static async Task<ApiProblem?> SignInAsync(HttpContext http, AccountsClient accounts, TokenResponse tokens)
    {
        var account = await accounts.MeAsync(tokens.AccessToken);
        if (account.Succeeded)
        {
            SecondStep.End(http);
            await SignInCookie.SignInAsync(http, account.Value, tokens);
        }

        return account.Problem;
    }
}
