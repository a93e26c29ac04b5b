using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ChatSphere.Data.Audit;

/// <summary>
/// An event as bytes, the same for everybody who reads the same row. Version 1: the line <c>chatsphere-audit-1</c>, then for each field its name, the length of its value
/// in UTF-8 bytes, the value and a line end: <c>name:length:value\n</c>; <c>name:-\n</c> where there is none. Lengths keep a value from passing for the next field.
/// </summary>
public static class CanonicalEvent
{
    public static readonly byte[] Genesis = new byte[SHA256.HashSizeInBytes];

    /// <summary>SHA-256 over the hash before and the event's bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> previous, long seq, AuditEvent e)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        hash.AppendData(Encoding.UTF8.GetBytes(Of(seq, e)));
        return hash.GetHashAndReset();
    }

    public static string Of(long seq, AuditEvent e)
    {
        var text = new StringBuilder("chatsphere-audit-1\n", 512);
        Add("seq", seq.ToString(CultureInfo.InvariantCulture));
        Add("id", e.Id.ToString());
        Add("at", Time(e.At));
        Add("actor_kind", e.ActorKind.ToString());
        Add("actor_id", e.ActorId?.ToString());
        Add("credential_id", e.CredentialId?.ToString());
        Add("network", e.Network);
        Add("action", e.Action);
        Add("target_kind", e.TargetKind);
        Add("target_id", e.TargetId?.ToString());
        Add("reason", e.Reason);
        Add("details", e.Details);
        return text.ToString();

        void Add(string name, string? value) => text.Append(name).Append(':').Append(value is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(value)}:{value}")).Append('\n');
    }

    /// <summary>What a checkpoint's signature is over.</summary>
    public static byte[] OfCheckpoint(long seq, ReadOnlySpan<byte> hash, DateTimeOffset at, string keyId) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"chatsphere-audit-checkpoint-1\n{seq}\n{Convert.ToHexStringLower(hash)}\n{Time(at)}\n{keyId}\n"));

    /// <summary>To the microsecond, which is what the database keeps.</summary>
    public static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Cut to what <see cref="Time"/> shows.</summary>
    public static DateTimeOffset ToMicrosecond(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
