using System.Security.Cryptography;
using System.Text;

namespace ChatSphere.Data.Secrets;

/// <summary>
/// Seals what people wrote before it is stored, where <see cref="EncryptionOptions.Content"/> says so, and opens it again. What was stored plain stays readable, and
/// what was stored sealed opens whatever the setting says now.
/// </summary>
/// <remarks>
/// In a column of text: the control character U+0001, <c>s:</c>, the key's id, <c>:</c> and base64. A plain text that itself begins with U+0001 is stored behind
/// U+0001 and <c>p:</c>, so nobody can write something that is taken for sealed.
/// </remarks>
public sealed class ContentSeal(SecretBox? box, bool active)
{
    /// <summary>What every sealed text begins with.</summary>
    public const string Mark = "\u0001s:";

    private const char Control = '\u0001';
    private const string PlainMark = "\u0001p:";
    private const string WordPurpose = "content.words";

    /// <summary>For the design of the model, and for programs that were given no keys: nothing is sealed, and what is does not open.</summary>
    public static ContentSeal None { get; } = new(null, active: false);

    public bool IsActive { get; } = active && box is not null;

    /// <summary>What every text begins with that is as the configuration wants it; null when that is plain.</summary>
    public string? WantedPrefix => IsActive ? PrefixOf(box!.ActiveKeyId) : null;

    /// <summary>The key that hides words in the index of the search.</summary>
    public byte[]? WordKey => IsActive ? box!.KeyFor(box.ActiveKeyId, WordPurpose) : null;

    /// <summary>Set at the start when there may be hidden words although <see cref="IsActive"/> says no: sealing was on once.</summary>
    public bool WordsMayBeHidden { get; internal set; } = active && box is not null;

    /// <summary>Those that words in the index may be hidden under. Empty: the index is plain.</summary>
    public byte[][] WordKeys => WordsMayBeHidden && box is not null ? [.. box.KeyIds.Select(id => box.KeyFor(id, WordPurpose))] : [];

    public static string PrefixOf(string keyId) => $"{Mark}{keyId}:";

    public string Seal(string purpose, string plain) =>
        plain.Length == 0 ? plain
        : IsActive ? PrefixOf(box!.ActiveKeyId) + Convert.ToBase64String(box.Protect(purpose, Encoding.UTF8.GetBytes(plain)))
        : plain[0] == Control ? PlainMark + plain
        : plain;

    /// <exception cref="MissingEncryptionKeyException">Its key is not configured.</exception>
    /// <exception cref="CryptographicException">Changed, or of another purpose.</exception>
    public string Open(string purpose, string stored)
    {
        if (stored.Length == 0 || stored[0] != Control)
        {
            return stored;
        }

        if (stored.StartsWith(PlainMark, StringComparison.Ordinal))
        {
            return stored[PlainMark.Length..];
        }

        if (!stored.StartsWith(Mark, StringComparison.Ordinal))
        {
            // Written before there was sealing.
            return stored;
        }

        var end = stored.IndexOf(':', Mark.Length);
        var keyId = end < 0 ? "" : stored[Mark.Length..end];
        if (box is null)
        {
            throw new MissingEncryptionKeyException(keyId);
        }

        var bytes = new byte[stored.Length];
        return end > 0 && Convert.TryFromBase64Chars(stored.AsSpan(end + 1), bytes, out var length)
            ? Encoding.UTF8.GetString(box.Unprotect(purpose, bytes.AsSpan(0, length)))
            : throw new CryptographicException("A sealed text is damaged.");
    }

    /// <summary>The same for streams: see <see cref="Files.SealedFile"/>.</summary>
    internal SecretBox? Box => box;
}

/// <summary>A key for each kind of content, so that a value put into another column does not open.</summary>
public static class ContentPurposes
{
    public const string Message = "content.message";
    public const string Citation = "content.citation";
    public const string Title = "content.title";
    public const string Page = "content.page";
    public const string Passage = "content.passage";
    public const string Stream = "content.stream";
    public const string File = "content.file";
    public const string ToolCalls = "content.tool-calls";
    public const string Memory = "content.memory";
    public const string Summary = "content.summary";
    public const string ChannelMessage = "content.channel-message";
}
