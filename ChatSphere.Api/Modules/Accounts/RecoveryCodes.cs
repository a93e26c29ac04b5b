using System.Security.Cryptography;
using System.Text;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>Codes for the day when the phone is gone: ten of 100 random bits, each good once.</summary>
internal sealed class RecoveryCodes(ChatSphereDb db, TimeProvider time)
{
    private const int Count = 10;
    private const int Length = 20;

    // Crockford's: no letter that looks like a digit.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>Ten new ones; the old are gone. In the caller's transaction, which holds the account's lock; the caller saves.</summary>
    public async Task<List<string>> MakeAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.RecoveryCodes.Where(c => c.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        var now = time.GetUtcNow();
        var codes = Enumerable.Range(0, Count).Select(_ => RandomNumberGenerator.GetString(Alphabet, Length)).ToList();
        db.RecoveryCodes.AddRange(codes.Select(c => new RecoveryCode { Id = Guid.CreateVersion7(now), AccountId = accountId, Hash = Hash(accountId, c), CreatedAt = now }));
        return [.. codes.Select(c => string.Join('-', c.Chunk(4).Select(part => new string(part))))];
    }

    /// <summary>True once for each code, whoever asks at the same moment.</summary>
    public async Task<bool> UseAsync(Guid accountId, string code, CancellationToken cancellationToken)
    {
        var plain = string.Concat(code.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).Select(c => c switch { 'o' => '0', 'i' or 'l' => '1', _ => c }));
        if (plain.Length != Length)
        {
            return false;
        }

        var (now, hash) = (time.GetUtcNow(), Hash(accountId, plain));
        return await db.RecoveryCodes.Where(c => c.AccountId == accountId && c.Hash == hash && c.UsedAt == null).ExecuteUpdateAsync(c => c.SetProperty(x => x.UsedAt, now), cancellationToken) == 1;
    }

    public Task<int> LeftAsync(Guid accountId, CancellationToken cancellationToken) => db.RecoveryCodes.CountAsync(c => c.AccountId == accountId && c.UsedAt == null, cancellationToken);

    // Nobody finds 100 bits by trying, so the hash needs no key; a key would end the codes with its rotation.
    private static byte[] Hash(Guid accountId, string code) => SHA256.HashData((byte[])[.. accountId.ToByteArray(bigEndian: true), .. Encoding.ASCII.GetBytes(code)]);
}
