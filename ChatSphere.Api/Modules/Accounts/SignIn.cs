using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

internal static class SignIn
{
    // Checked in place of a password that is not there, so that an unknown address takes as long as a wrong password.
    private static readonly string Nobody = new PasswordHasher<Account>().HashPassword(new Account(), Guid.NewGuid().ToString());

    public static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(
        SignInRequest request, UserManager<Account> accounts, IPasswordHasher<Account> hasher, ChatSphereDb db, RefreshTokens refreshTokens, AccessTokens accessTokens,
        IOptions<TokenOptions> options, CancellationToken cancellationToken)
    {
        var account = TextRules.HasUnstorable(request.Email) ? null : await accounts.FindByEmailAsync(request.Email.Trim());
        var check = hasher.VerifyHashedPassword(account ?? new Account(), account?.PasswordHash ?? Nobody, request.Password);
        if (account is null || check == PasswordVerificationResult.Failed || account.DisabledAt is not null)
        {
            return Problems.Unauthorized(ErrorCodes.CredentialsInvalid, "E-mail or password is wrong.");
        }

        var (session, refreshToken) = refreshTokens.Start(db, account.Id);
        await db.SaveChangesAsync(cancellationToken);
        var accessToken = await accessTokens.IssueAsync(account.Id, session.Id, cancellationToken);
        return TypedResults.Ok(new TokenResponse(accessToken, (int)options.Value.AccessTokenLifetime.TotalSeconds, refreshToken));
    }
}
