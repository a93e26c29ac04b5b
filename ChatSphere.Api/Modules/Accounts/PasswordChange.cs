using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>What every change of a password has in common: the rules, and what ends with the old one.</summary>
internal sealed class PasswordChange(ChatSphereDb db, UserManager<Account> accounts, OneTimeTokens tokens, LiveAccess access, TimeProvider time)
{
    /// <summary>Null when the password may be used.</summary>
    public async Task<ProblemHttpResult?> RefuseAsync(Account account, string password)
    {
        foreach (var validator in accounts.PasswordValidators)
        {
            if (await validator.ValidateAsync(accounts, account, password) is { Succeeded: false } result)
            {
                return Problems.Invalid("newPassword", result.Errors.First().Description);
            }
        }

        return null;
    }

    /// <summary>Sets it, ends the sessions but <paramref name="keep"/>, and makes links and tickets that are still out worthless. In the caller's transaction; the caller saves.</summary>
    public async Task ApplyAsync(Account account, string password, Guid? keep, CancellationToken cancellationToken)
    {
        account.PasswordHash = accounts.PasswordHasher.HashPassword(account, password);
        (account.SecurityStamp, account.ConcurrencyStamp) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        await EndSessionsAsync(db, account.Id, keep, "password_changed", time.GetUtcNow(), cancellationToken);
        foreach (var purpose in (string[])[OneTimePurposes.ResetPassword, OneTimePurposes.SecondFactor, OneTimePurposes.ChangeEmail])
        {
            await tokens.RevokeAsync(purpose, account.Id, cancellationToken);
        }

        access.ForgetAccount(account.Id);
    }

    public static Task<int> EndSessionsAsync(ChatSphereDb db, Guid accountId, Guid? keep, string because, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Sessions.Where(s => s.AccountId == accountId && s.Id != keep && s.RevokedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.RevokedAt, now).SetProperty(x => x.RevokedBecause, because), cancellationToken);
}
