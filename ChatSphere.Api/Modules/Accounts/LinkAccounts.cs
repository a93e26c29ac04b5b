using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>Accounts elsewhere that sign in to one's own: linked by the signed-in owner and by nobody and nothing else.</summary>
internal static class LinkAccounts
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    public static async Task<Ok<IReadOnlyList<LinkedAccountResponse>>> ListAsync(CurrentUser user, ChatSphereDb db, ExternalProviders providers, CancellationToken cancellationToken)
    {
        var linked = await db.UserLogins.AsNoTracking().Where(l => l.UserId == user.AccountId).OrderBy(l => l.ProviderDisplayName).Select(l => new { Name = l.ProviderDisplayName, Issuer = l.LoginProvider }).ToListAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<LinkedAccountResponse>>([.. linked.Select(l => new LinkedAccountResponse(l.Name, providers.Find(l.Name)?.DisplayName ?? l.Issuer))]);
    }

    public static Task<Results<Ok<ExternalStartResponse>, ProblemHttpResult>> StartAsync(string provider, CurrentUser user, ExternalSignIns external, CancellationToken cancellationToken) =>
        external.StartAsync(provider, ExternalIntent.Link, user.AccountId, cancellationToken);

    /// <summary>To prove again who it is, where there is neither a password nor an app.</summary>
    public static Task<Results<Ok<ExternalStartResponse>, ProblemHttpResult>> StartReauthenticationAsync(string provider, CurrentUser user, ExternalSignIns external, CancellationToken cancellationToken) =>
        external.StartAsync(provider, ExternalIntent.Reauthenticate, user.AccountId, cancellationToken);

    /// <summary>The answer to either.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> FinishAsync(
        ExternalCallbackRequest request, CurrentUser user, ChatSphereDb db, ExternalSignIns external, AuditTrail audit, SecurityNotices notices, TimeProvider time, CancellationToken cancellationToken)
    {
        var (identity, refusal) = await external.FinishAsync(request, user.AccountId, [ExternalIntent.Link, ExternalIntent.Reauthenticate], cancellationToken);
        if (identity is null)
        {
            return refusal!;
        }

        return identity.Intent == ExternalIntent.Link
            ? await LinkAsync(identity, user, db, audit, notices, cancellationToken)
            : await ReauthenticateAsync(identity, user, db, audit, time, cancellationToken);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string provider, CurrentUser user, ChatSphereDb db, AuditTrail audit, SecurityNotices notices, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAccountAsync(user.AccountId, cancellationToken);
        var logins = await db.UserLogins.Where(l => l.UserId == user.AccountId).ToListAsync(cancellationToken);
        var going = logins.Where(l => l.ProviderDisplayName == provider).ToList();
        if (going.Count == 0)
        {
            return Problems.NotFound();
        }

        var account = await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        if (going.Count == logins.Count && account.PasswordHash is null && !await db.Passkeys.AnyAsync(p => p.UserId == account.Id, cancellationToken))
        {
            return Problems.Conflict(ErrorCodes.LastWayIn, "Without it you could not sign in any more. Set a password or add a passkey first.");
        }

        db.UserLogins.RemoveRange(going);
        audit.Record(AuditActions.LoginUnlinked, "account", account.Id, new { provider });
        notices.Tell(account, "A linked account was removed. It no longer signs in to yours.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> LinkAsync(
        ExternalIdentity identity, CurrentUser user, ChatSphereDb db, AuditTrail audit, SecurityNotices notices, CancellationToken cancellationToken)
    {
        var owner = await db.UserLogins.Where(l => l.LoginProvider == identity.Issuer && l.ProviderKey == identity.Subject).Select(l => (Guid?)l.UserId).SingleOrDefaultAsync(cancellationToken);
        if (owner == user.AccountId)
        {
            return TypedResults.NoContent();
        }

        var taken = Problems.Conflict(ErrorCodes.LoginTaken, $"That {identity.Provider.DisplayName} account is linked to an account here already.");
        if (owner is not null)
        {
            return taken;
        }

        var account = await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        db.UserLogins.Add(new IdentityUserLogin<Guid> { LoginProvider = identity.Issuer, ProviderKey = identity.Subject, ProviderDisplayName = identity.Provider.Name, UserId = account.Id });
        audit.Record(AuditActions.LoginLinked, "account", account.Id, new { provider = identity.Provider.Name });
        notices.Tell(account, "An account elsewhere was linked. It can be used to sign in to yours.");
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return taken;
        }

        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ReauthenticateAsync(
        ExternalIdentity identity, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        // The provider must say that it has just asked the person, not that some browser is still signed in there; and an account with better proofs takes no lesser one.
        var fresh = identity.AuthenticatedAt is { } at && at >= identity.StartedAt - Skew;
        var theirs = await db.UserLogins.AnyAsync(l => l.LoginProvider == identity.Issuer && l.ProviderKey == identity.Subject && l.UserId == user.AccountId, cancellationToken);
        if (!fresh || !theirs || !await db.Users.AnyAsync(a => a.Id == user.AccountId && a.PasswordHash == null && !a.TwoFactorEnabled, cancellationToken))
        {
            audit.Record(AuditActions.ReauthenticationFailed, "account", user.AccountId, new { method = "external", problem = !theirs ? "another account" : !fresh ? "not asked anew" : "not enough" });
            await db.SaveChangesAsync(cancellationToken);
            return Problems.Of(
                StatusCodes.Status403Forbidden, ErrorCodes.ReauthenticationFailed, theirs && !fresh ? $"{identity.Provider.DisplayName} did not ask you anew who you are. Sign out and in again instead." : "That does not prove that it is you.");
        }

        await Reauthenticate.ProvenAsync(db, user, ["fed"], audit, time, cancellationToken);
        return TypedResults.NoContent();
    }
}
