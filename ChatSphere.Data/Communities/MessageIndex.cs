using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Communities;

/// <summary>Puts messages into the index of the search, and knows how texts are cut into words there. See <see cref="IndexedMessage"/>.</summary>
public sealed partial class MessageIndex(ChatSphereDb db, ContentSeal seal)
{
    /// <summary>Between characters that are words by themselves. No letter and no digit, so the parser takes it for a space; no message holds it where it matters.</summary>
    public const char Cut = '\u0004';

    /// <summary>By ISO 639-1. Those languages that PostgreSQL stems.</summary>
    public static FrozenDictionary<string, string> Configurations { get; } = new Dictionary<string, string>
    {
        ["ar"] = "arabic", ["ca"] = "catalan", ["da"] = "danish", ["de"] = "german", ["el"] = "greek", ["en"] = "english", ["es"] = "spanish", ["eu"] = "basque", ["fi"] = "finnish", ["fr"] = "french",
        ["ga"] = "irish", ["hi"] = "hindi", ["hu"] = "hungarian", ["hy"] = "armenian", ["id"] = "indonesian", ["it"] = "italian", ["lt"] = "lithuanian", ["ne"] = "nepali", ["nl"] = "dutch",
        ["no"] = "norwegian", ["pt"] = "portuguese", ["ro"] = "romanian", ["ru"] = "russian", ["sr"] = "serbian", ["sv"] = "swedish", ["ta"] = "tamil", ["tr"] = "turkish", ["yi"] = "yiddish",
    }.ToFrozenDictionary();

    /// <summary>Indexes the message as it is now, in the caller's transaction. Nothing happens when it is gone, empty, or stored sealed.</summary>
    /// <param name="language">Tells a text's language by ISO 639-1; null: it cannot be told.</param>
    public async Task AddAsync(Guid messageId, Func<string, string?> language, CancellationToken cancellationToken)
    {
        if (seal.IsActive)
        {
            return;
        }

        // Held until the end of the transaction: an edit comes wholly before, or after, and then its trigger finds the row.
        var message = await db.ChannelMessages.FromSql($"select * from communities.messages where id = {messageId} for share").AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (message is not { DeletedAt: null, Kind: ChannelMessageKind.Text } || await db.Channels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == message.ChannelId, cancellationToken) is not { IsEncrypted: false } channel)
        {
            return;
        }

        var text = Words(SearchedText(message));
        var configuration = language(message.Content) is { } told ? Configurations.GetValueOrDefault(told) : null;
        var rights = channel.Kind == ChannelKind.Thread ? channel.ParentId!.Value : channel.Id;
        await db.Database.ExecuteSqlAsync($"""
            insert into communities.message_search (message_id, channel_id, rights_channel_id, server_id, author_id, created_at, holds, language, words)
            values ({message.Id}, {message.ChannelId}, {rights}, {message.ServerId}, {message.AuthorId}, {message.CreatedAt}, {(short)HoldsOf(message)}, {configuration ?? "simple"},
                to_tsvector('pg_catalog.simple', {text}) || (case when {configuration is not null} then to_tsvector({"pg_catalog." + (configuration ?? "simple")}::regconfig, {text}) else ''::tsvector end))
            on conflict (message_id) do update set holds = excluded.holds, language = excluded.language, words = excluded.words
            """, cancellationToken);
    }

    /// <summary>The text with a cut at every character of a script that has no spaces between words, so that each can be looked for.</summary>
    public static string Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var cut = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsWordOfItsOwn(rune.Value))
            {
                cut.Append(Cut).Append(rune.ToString()).Append(Cut);
            }
            else if (rune.Value != 0)
            {
                cut.Append(rune.ToString());
            }
        }

        return cut.ToString();
    }

    /// <summary>Han, kana, Thai, Lao, Burmese, Khmer; emoji, which the parser would drop, are not among them.</summary>
    private static bool IsWordOfItsOwn(int c) => c is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFD)
        or (>= 0x0E01 and <= 0x0E30) or (>= 0x0E81 and <= 0x0EB0) or (>= 0x1000 and <= 0x1021) or (>= 0x1780 and <= 0x17A2);

    /// <summary>What is looked at in a message: its text, its poll, and what its files are called.</summary>
    public static string SearchedText(ChannelMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var parts = message.Parts;
        return string.Join('\n', new[] { message.Content, parts.Poll?.Question }.Concat(parts.Poll?.Options.Select(o => o.Text) ?? []).Concat(parts.Attachments?.Select(a => a.Name) ?? []).Where(t => !string.IsNullOrEmpty(t)));
    }

    public static MessageHolds HoldsOf(ChannelMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var files = message.Parts.Attachments ?? [];
        return (Link().IsMatch(message.Content) ? MessageHolds.Link : MessageHolds.None)
            | (files.Count > 0 ? MessageHolds.File : MessageHolds.None)
            | (files.Any(f => f.IsImage) ? MessageHolds.Image : MessageHolds.None)
            | (message.Parts.Poll is not null ? MessageHolds.Poll : MessageHolds.None);
    }

    [GeneratedRegex(@"\bhttps?://[^\s<>]", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Link();
}
