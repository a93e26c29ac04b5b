using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace ChatSphere.Api.Modules.Accounts;

internal static class SignIn
{
    // Checked in place of a password that is not there, so that an unknown address takes as long as a wrong password.
    private static readonly string Nobody = new PasswordHasher<Account>().HashPassword(new Account(), Guid.NewGuid().ToString());

    public static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(
        SignInRequest request, HttpContext http, UserManager<Account> accounts, IPasswordHasher<Account> hasher, SignInSteps steps, CancellationToken cancellationToken)
    {
        var account = TextRules.HasUnstorable(request.Email) ? null : await accounts.FindByEmailAsync(request.Email.Trim());
        var check = hasher.VerifyHashedPassword(account ?? new Account(), account?.PasswordHash ?? Nobody, request.Password);
        if (account is null || check == PasswordVerificationResult.Failed || account.DisabledAt is not null || account.Kind != AccountKind.Person)
        {
            return Problems.Unauthorized(ErrorCodes.CredentialsInvalid, "E-mail or password is wrong.");
        }

        return await steps.AfterFirstFactorAsync(http, account, "pwd", cancellationToken);
    }
}
