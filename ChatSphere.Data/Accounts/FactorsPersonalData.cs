using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Accounts;

/// <summary>Second factors, passkeys and accounts elsewhere. Their secrets are not exported: they open an account, and tell nothing about a person.</summary>
public sealed class FactorsPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "factors";

    public IReadOnlyList<Type> Owns { get; } = [typeof(AuthenticatorApp), typeof(RecoveryCode), typeof(PasskeyUse), typeof(IdentityUserPasskey<Guid>), typeof(IdentityUserLogin<Guid>)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("authenticator-apps", db.AuthenticatorApps.AsNoTracking().Where(a => a.AccountId == accountId).Select(a => new { a.ConfirmedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("recovery-codes", db.RecoveryCodes.AsNoTracking().Where(c => c.AccountId == accountId).Select(c => new { c.CreatedAt, c.UsedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync(
            "passkeys",
            (from passkey in db.Passkeys where passkey.UserId == accountId
             join use in db.PasskeyUses on passkey.CredentialId equals use.CredentialId
             select new { passkey.Data.Name, passkey.Data.CreatedAt, use.LastUsedAt }).AsNoTracking().AsAsyncEnumerable(),
            cancellationToken);
        await writer.WriteAsync(
            "sign-ins-elsewhere", db.UserLogins.AsNoTracking().Where(l => l.UserId == accountId).Select(l => new { l.LoginProvider, l.ProviderKey, l.ProviderDisplayName }).AsAsyncEnumerable(), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.AuthenticatorApps.Where(a => a.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.RecoveryCodes.Where(c => c.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);

        // Their uses go with them.
        await db.Passkeys.Where(p => p.UserId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.UserLogins.Where(l => l.UserId == accountId).ExecuteDeleteAsync(cancellationToken);
    }
}
