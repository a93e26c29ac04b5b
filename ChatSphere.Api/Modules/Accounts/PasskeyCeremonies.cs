using System.Buffers.Text;
using System.Text.Json;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>
/// WebAuthn with the framework's handler, for an Api behind a front end: what must be remembered between options and answer is in a one-time token instead of a cookie,
/// so each challenge is answered once. See docs/adr/0008.
/// </summary>
internal sealed class PasskeyCeremonies(IPasskeyHandler<Account> handler, ChatSphereDb db, OneTimeTokens oneTime, AuditTrail audit, TimeProvider time)
{
    private const int MaxCredentialLength = 32_768;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private sealed record Remembered(string? State);

    public async Task<PasskeyOptionsResponse> CreationOptionsAsync(HttpContext http, Account account, CancellationToken cancellationToken)
    {
        var made = await handler.MakeCreationOptionsAsync(new PasskeyUserEntity { Id = account.Id.ToString(), Name = account.Email ?? account.DisplayName, DisplayName = account.DisplayName }, http);
        return await HandOutAsync(OneTimePurposes.PasskeyCreation, account.Id, made.AttestationState, made.CreationOptionsJson, cancellationToken);
    }

    /// <param name="account">Null: whoever has a passkey for this site.</param>
    public async Task<PasskeyOptionsResponse> RequestOptionsAsync(HttpContext http, Account? account, CancellationToken cancellationToken)
    {
        var made = await handler.MakeRequestOptionsAsync(account!, http);
        return await HandOutAsync(OneTimePurposes.PasskeyRequest, account?.Id, made.AssertionState, made.RequestOptionsJson, cancellationToken);
    }

    /// <summary>The new passkey; null when it was not made for this account, this challenge and this site.</summary>
    public async Task<UserPasskeyInfo?> AttestAsync(HttpContext http, Guid accountId, string ticket, JsonElement credential, CancellationToken cancellationToken)
    {
        var token = await oneTime.FindAsync(OneTimePurposes.PasskeyCreation, ticket, cancellationToken);
        if (token is null || token.AccountId != accountId || !await oneTime.UseAsync(token, cancellationToken) || TextOf(credential) is not { } json)
        {
            return null;
        }

        var result = await handler.PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = http, CredentialJson = json, AttestationState = oneTime.State<Remembered>(token).State });
        if (!result.Succeeded)
        {
            await RefusedAsync(result.Failure, accountId, cancellationToken);
            return null;
        }

        return result.UserEntity.Id == accountId.ToString() ? result.Passkey : null;
    }

    /// <summary>Whose passkey answered; null for whatever is not a fresh and right answer of a person who was verified.</summary>
    /// <param name="expected">The account that the options were made for; null for options made for anybody.</param>
    public async Task<Account?> AssertAsync(HttpContext http, Guid? expected, string ticket, JsonElement credential, CancellationToken cancellationToken)
    {
        var token = await oneTime.FindAsync(OneTimePurposes.PasskeyRequest, ticket, cancellationToken);
        if (token is null || token.AccountId != expected || !await oneTime.UseAsync(token, cancellationToken) || TextOf(credential) is not { } json || IdOf(credential) is not { } id)
        {
            return null;
        }

        // Two answers of one authenticator are looked at one after the other: the counter of the second is compared with that of the first.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select 1 from accounts.account_passkeys where credential_id = {id} for update", cancellationToken);
        var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = http, CredentialJson = json, AssertionState = oneTime.State<Remembered>(token).State });
        if (!result.Succeeded || (expected is not null && result.User.Id != expected))
        {
            await transaction.RollbackAsync(cancellationToken);
            db.ChangeTracker.Clear();
            await RefusedAsync(result.Failure, expected ?? await db.Passkeys.Where(p => p.CredentialId == id).Select(p => (Guid?)p.UserId).SingleOrDefaultAsync(cancellationToken), cancellationToken);
            return null;
        }

        var now = time.GetUtcNow();
        var passkey = await db.Passkeys.SingleAsync(p => p.CredentialId == id, cancellationToken);
        passkey.Data.SignCount = result.Passkey.SignCount;
        passkey.Data.IsBackedUp = result.Passkey.IsBackedUp;
        passkey.Data.IsUserVerified = result.Passkey.IsUserVerified;
        await db.SaveChangesAsync(cancellationToken);
        await db.PasskeyUses.Where(p => p.CredentialId == id).ExecuteUpdateAsync(p => p.SetProperty(x => x.LastUsedAt, now), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return result.User;
    }

    private async Task<PasskeyOptionsResponse> HandOutAsync(string purpose, Guid? accountId, string? state, string options, CancellationToken cancellationToken)
    {
        var ticket = oneTime.Issue(purpose, accountId, Patience, new Remembered(state));
        await db.SaveChangesAsync(cancellationToken);
        using var json = JsonDocument.Parse(options);
        return new PasskeyOptionsResponse(ticket, json.RootElement.Clone());
    }

    private async Task RefusedAsync(Exception? why, Guid? accountId, CancellationToken cancellationToken)
    {
        // The handler compares counters only once it knows that the signature is right, and tells by its text alone.
        var wentBack = why?.Message.Contains("signature counter", StringComparison.Ordinal) == true;
        audit.Record(wentBack ? AuditActions.PasskeyCounterWentBack : AuditActions.PasskeyRefused, "account", accountId, new { problem = wentBack ? "counter" : "invalid" });
        await db.SaveChangesAsync(cancellationToken);
    }

    private static string? TextOf(JsonElement credential) =>
        credential.ValueKind == JsonValueKind.Object && credential.GetRawText() is { Length: <= MaxCredentialLength } text ? text : null;

    private static byte[]? IdOf(JsonElement credential) => Json.Text(credential, "id") is { Length: > 0 and < 1400 } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
