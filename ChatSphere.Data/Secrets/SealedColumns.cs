using System.Reflection;

namespace ChatSphere.Data.Secrets;

/// <param name="Table">With its schema.</param>
/// <param name="Column">Of type <c>bytea</c> for secrets, <c>text</c> for content.</param>
/// <param name="Purpose">What it is sealed for.</param>
/// <param name="IsContent">Sealed by <see cref="ContentSeal"/>; otherwise by <see cref="SecretBox"/>.</param>
public sealed record SealedColumn(string Table, string Column, string Purpose, bool IsContent = false);

/// <summary>
/// Every column with sealed values, for re-encryption after a rotation. A module with one adds a field in a part of this class beside its entities; a test finds
/// columns that nobody named. Passages, citations and files have ways of their own (<see cref="Reencryption"/>).
/// </summary>
public static partial class SealedColumns
{
    public static readonly SealedColumn SigningKeys = new("accounts.signing_keys", "protected_private_key", "accounts.signing-key");
    public static readonly SealedColumn OneTimeTokens = new("accounts.one_time_tokens", "sealed_state", "accounts.one-time-token");
    public static readonly SealedColumn Mails = new("notifications.outgoing_mails", "sealed_content", "notifications.mail");
    public static readonly SealedColumn Messages = new("conversations.messages", "text", ContentPurposes.Message, IsContent: true);
    public static readonly SealedColumn Titles = new("conversations.conversations", "title", ContentPurposes.Title, IsContent: true);
    public static readonly SealedColumn Pages = new("knowledge.document_pages", "text", ContentPurposes.Page, IsContent: true);

    // Gathered when asked for: which part of this class is initialised first is the compiler's affair.
    public static IReadOnlyList<SealedColumn> All =>
        [.. typeof(SealedColumns).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<SealedColumn>().OrderBy(c => c.Table, StringComparer.Ordinal).ThenBy(c => c.Column, StringComparer.Ordinal)];
}
