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

internal static class AddPasskey
{
    private const int MaxPasskeys = 20;

    public static async Task<Ok<PasskeyOptionsResponse>> OptionsAsync(HttpContext http, CurrentUser user, ChatSphereDb db, PasskeyCeremonies passkeys, CancellationToken cancellationToken) =>
        TypedResults.Ok(await passkeys.CreationOptionsAsync(http, await db.Users.AsNoTracking().SingleAsync(a => a.Id == user.AccountId, cancellationToken), cancellationToken));

    public static async Task<Results<Created<PasskeyResponse>, ProblemHttpResult>> HandleAsync(
        AddPasskeyRequest request, HttpContext http, CurrentUser user, ChatSphereDb db, PasskeyCeremonies passkeys, LiveAccess access, AuditTrail audit, SecurityNotices notices, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (await passkeys.AttestAsync(http, user.AccountId, request.Ticket, request.Credential, cancellationToken) is not { } made)
        {
            return Problems.BadRequest(ErrorCodes.PasskeyInvalid, "That passkey was not made for this account and this site just now. Try again.");
        }

        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAccountAsync(user.AccountId, cancellationToken);
        if (await db.Passkeys.CountAsync(p => p.UserId == user.AccountId, cancellationToken) >= MaxPasskeys)
        {
            return Problems.Conflict(ErrorCodes.PasskeysFull, $"An account may have {MaxPasskeys} passkeys. Remove one first.");
        }

        var account = await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        var use = new PasskeyUse { Id = Guid.CreateVersion7(now), AccountId = account.Id, CredentialId = made.CredentialId };
        db.Passkeys.Add(new IdentityUserPasskey<Guid>
        {
            UserId = account.Id,
            CredentialId = made.CredentialId,
            Data = new IdentityPasskeyData
            {
                PublicKey = made.PublicKey,
                Name = request.Name.Trim(),
                CreatedAt = now,
                SignCount = made.SignCount,
                Transports = made.Transports,
                IsUserVerified = made.IsUserVerified,
                IsBackupEligible = made.IsBackupEligible,
                IsBackedUp = made.IsBackedUp,
                AttestationObject = made.AttestationObject,
                ClientDataJson = made.ClientDataJson,
            },
        });
        db.PasskeyUses.Add(use);
        audit.Record(AuditActions.PasskeyAdded, "account", account.Id, new { passkeyId = use.Id });
        notices.Tell(account, "A passkey was added. It can be used to sign in.");
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Problems.BadRequest(ErrorCodes.PasskeyInvalid, "That passkey is in use already.");
        }

        await transaction.CommitAsync(cancellationToken);
        access.ForgetAccount(account.Id);
        return TypedResults.Created($"/v1/accounts/me/passkeys/{use.Id}", new PasskeyResponse(use.Id, request.Name.Trim(), now, null));
    }
}
