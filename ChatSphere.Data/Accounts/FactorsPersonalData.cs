using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Accounts;

/// <summary>Second factors, and when passkeys were used; the passkeys themselves are with the account. Secrets are not exported: they open an account, and tell nothing about a person.</summary>
public sealed class FactorsPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "factors";

    public IReadOnlyList<Type> Owns { get; } = [typeof(AuthenticatorApp), typeof(RecoveryCode), typeof(PasskeyUse)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("authenticator-apps", db.AuthenticatorApps.AsNoTracking().Where(a => a.AccountId == accountId).Select(a => new { a.ConfirmedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("recovery-codes", db.RecoveryCodes.AsNoTracking().Where(c => c.AccountId == accountId).Select(c => new { c.CreatedAt, c.UsedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("passkey-uses", db.PasskeyUses.AsNoTracking().Where(p => p.AccountId == accountId).Select(p => new { p.Id, p.LastUsedAt }).AsAsyncEnumerable(), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.AuthenticatorApps.Where(a => a.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.RecoveryCodes.Where(c => c.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.PasskeyUses.Where(p => p.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
    }
}
