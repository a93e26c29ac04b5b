using System.Globalization;
using System.Text;
using System.Text.Json;
using ChatSphere.Data.Conversations;

namespace ChatSphere.Worker.Modules.Conversations.Importing;

/// <summary>One conversation of somebody else's export.</summary>
/// <param name="Talk">Null: there is nothing in it that can be kept.</param>
/// <param name="Note">What was wrong with it, without anything of what it says.</param>
public sealed record ReadTalk(TalkFromElsewhere? Talk, string? Note);

/// <summary>
/// Reads what ChatGPT and Claude give out. Nothing in it is trusted: not its shape, its times, its size, nor that its tree is one.
/// </summary>
/// <remarks>
/// ChatGPT: <c>{id, title, create_time, update_time, current_node, mapping: {node: {parent, children, message: {author: {role}, content: {content_type, parts}, create_time, metadata: {model_slug}}}}}</c>,
/// times in seconds; nodes of the system and of tools, and empty ones, stand between those that are kept. Claude: <c>{uuid, name, created_at, updated_at, chat_messages: [{uuid, sender, text, content:
/// [{type, text}], created_at, parent_message_uuid}]}</c>, times in ISO 8601.
/// </remarks>
public static class ExportReader
{
    public const int LargestTalk = 32 * 1024 * 1024;
    private const int MostMessages = 10_000;
    private const int LongestText = 200_000;
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 64, CommentHandling = JsonCommentHandling.Disallow };
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static ReadTalk Read(ReadOnlyMemory<byte> json, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Json);
            var root = document.RootElement;
            return root.ValueKind is not JsonValueKind.Object ? new(null, "not a conversation")
                : root.TryGetProperty("mapping", out var mapping) && mapping.ValueKind is JsonValueKind.Object ? ChatGpt(root, mapping, now)
                : root.TryGetProperty("chat_messages", out var messages) && messages.ValueKind is JsonValueKind.Array ? Claude(root, messages, now)
                : new(null, "neither of ChatGPT nor of Claude");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text with half a surrogate pair.
            return new(null, "not readable");
        }
    }

    private sealed record Node(string Id, string? Parent, MessageAuthor? Author, string Text, string? Model, DateTimeOffset? At);

    private static ReadTalk ChatGpt(JsonElement root, JsonElement mapping, DateTimeOffset now)
    {
        var nodes = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (var property in mapping.EnumerateObject())
        {
            if (nodes.Count >= MostMessages * 3)
            {
                return new(null, "too many messages");
            }

            var node = property.Value;
            if (node.ValueKind is not JsonValueKind.Object)
            {
                continue;
            }

            var message = Object(node, "message");
            var (author, text) = (message is { } m && Object(m, "author") is { } a ? Text(a, "role") : null) switch
            {
                "user" => (MessageAuthor.User, ContentOf(message!.Value)),
                "assistant" => (MessageAuthor.Assistant, ContentOf(message!.Value)),
                _ => ((MessageAuthor?)null, ""),
            };
            nodes.TryAdd(property.Name, new Node(property.Name, Text(node, "parent"), author, text,
                message is { } said && Object(said, "metadata") is { } metadata ? Text(metadata, "model_slug") : null, message is { } when ? Seconds(when, "create_time") : null));
        }

        return Build("chatgpt", Text(root, "conversation_id") ?? Text(root, "id"), Text(root, "title"), Seconds(root, "create_time"), Seconds(root, "update_time"), nodes, Text(root, "current_node"), now);
    }

    private static ReadTalk Claude(JsonElement root, JsonElement messages, DateTimeOffset now)
    {
        var nodes = new Dictionary<string, Node>(StringComparer.Ordinal);
        string? last = null;
        foreach (var message in messages.EnumerateArray())
        {
            if (nodes.Count >= MostMessages * 3)
            {
                return new(null, "too many messages");
            }

            if (message.ValueKind is not JsonValueKind.Object)
            {
                continue;
            }

            var id = Text(message, "uuid") ?? $"#{nodes.Count}";
            MessageAuthor? author = Text(message, "sender") switch
            {
                "human" => MessageAuthor.User,
                "assistant" => MessageAuthor.Assistant,
                _ => null,
            };
            var text = Text(message, "text") is { Length: > 0 } whole ? whole
                : message.TryGetProperty("content", out var content) && content.ValueKind is JsonValueKind.Array
                    ? string.Join("\n\n", content.EnumerateArray().Where(c => c.ValueKind is JsonValueKind.Object && Text(c, "type") == "text").Select(c => Text(c, "text")).OfType<string>())
                    : "";

            // Where it says what it follows, that counts if it is here; else it follows the one before it.
            var parent = Text(message, "parent_message_uuid") is { } named && nodes.ContainsKey(named) ? named : last;
            if (nodes.TryAdd(id, new Node(id, parent, author, text, null, Iso(message, "created_at"))))
            {
                last = id;
            }
        }

        return Build("claude", Text(root, "uuid"), Text(root, "name"), Iso(root, "created_at"), Iso(root, "updated_at"), nodes, last, now);
    }

    private static ReadTalk Build(string where, string? sourceId, string? title, DateTimeOffset? created, DateTimeOffset? updated, Dictionary<string, Node> nodes, string? current, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(sourceId) || sourceId.Length > 150 || sourceId.Contains('\0', StringComparison.Ordinal))
        {
            return new(null, "without an id");
        }

        var children = nodes.Values.Where(n => n.Parent is { } parent && nodes.ContainsKey(parent) && parent != n.Id).ToLookup(n => n.Parent!, StringComparer.Ordinal);
        var roots = nodes.Values.Where(n => n.Parent is not { } parent || !nodes.ContainsKey(parent)).ToList();
        if (roots.Count == 0 && nodes.Count > 0)
        {
            // Nothing but circles: one of them is opened.
            roots.Add(nodes.Values.First());
        }

        // Parents before children, and each once, so that a circle ends where it began.
        var (messages, placeOf, seen) = (new List<MessageFromElsewhere>(), new Dictionary<string, int>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var open = new Queue<(Node Node, int? Parent)>(roots.Select(r => (r, (int?)null)));
        var (shortened, startOfTalk) = (0, Sane(created, now) ?? now);
        while (open.TryDequeue(out var next))
        {
            var (node, parent) = next;
            if (!seen.Add(node.Id))
            {
                continue;
            }

            var text = node.Author is null ? "" : Clean(node.Text, ref shortened);
            if (text.Length > 0)
            {
                if (messages.Count == MostMessages)
                {
                    return new(null, "too many messages");
                }

                messages.Add(new MessageFromElsewhere(parent, node.Author!.Value, text, Short(node.Model), Sane(node.At, now) ?? startOfTalk));
                parent = messages.Count - 1;
            }

            // What is left out hands its place on to what follows it.
            if (parent is { } place)
            {
                placeOf[node.Id] = place;
            }

            foreach (var child in children[node.Id])
            {
                open.Enqueue((child, parent));
            }
        }

        if (messages.Count == 0)
        {
            return new(null, "empty");
        }

        // The branch that was shown; where nothing says which, the one with the last message.
        var end = current is not null && placeOf.TryGetValue(current, out var shown) ? shown : messages.Count - 1;
        var createdAt = Sane(created, now) ?? messages.Min(m => m.At);
        var updatedAt = Sane(updated, now) is { } last && last > createdAt ? last : createdAt;
        var note = shortened > 0 ? $"{shortened} long {(shortened == 1 ? "text was" : "texts were")} cut at {LongestText:N0} characters" : null;
        return new(new TalkFromElsewhere($"{where}:{sourceId}", TitleOf(title), createdAt, updatedAt, messages, end), note);
    }

    private static string ContentOf(JsonElement message)
    {
        if (Object(message, "content") is not { } content)
        {
            return "";
        }

        return content.TryGetProperty("parts", out var parts) && parts.ValueKind is JsonValueKind.Array
            ? string.Join("\n\n", parts.EnumerateArray().Where(p => p.ValueKind is JsonValueKind.String).Select(p => p.GetString()!).Where(p => p.Length > 0))
            : Text(content, "text") is { } code && Text(content, "content_type") == "code" ? $"```\n{code}\n```" : Text(content, "text") ?? "";
    }

    /// <summary>As it can be stored: no NUL, no half surrogate pairs, not without end.</summary>
    private static string Clean(string text, ref int shortened)
    {
        text = text.Trim();
        if (text.Length > LongestText)
        {
            text = text[..(char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText)];
            shortened++;
        }

        // U+0001 at the beginning means something to the store.
        return text.AsSpan().ContainsAny('\0', '\u0001') || text.Any(char.IsSurrogate)
            ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace("\0", "", StringComparison.Ordinal).Replace("\u0001", "", StringComparison.Ordinal)
            : text;
    }

    private static string? TitleOf(string? title)
    {
        var nothing = 0;
        var line = string.Join(' ', Clean(new string((title ?? "").Take(400).Where(c => !char.IsControl(c)).ToArray()), ref nothing).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length == 0 ? null : line.Length <= 200 ? line : line[..(char.IsHighSurrogate(line[199]) ? 199 : 200)];
    }

    private static string? Short(string? model) => model is { Length: > 0 and <= 200 } && !model.Any(c => char.IsControl(c) || char.IsSurrogate(c)) ? model : null;

    /// <summary>Forged times would bring the list into disorder: nothing is older than this century or newer than now.</summary>
    private static DateTimeOffset? Sane(DateTimeOffset? time, DateTimeOffset now) => time is null ? null : time < Earliest ? Earliest : time > now ? now : time.Value.ToUniversalTime();

    private static JsonElement? Object(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Object ? value : null;

    private static string? Text(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Seconds(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && double.IsFinite(seconds) && Math.Abs(seconds) < 250_000_000_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(seconds, -60_000_000_000, 250_000_000_000))
            : null;

    private static DateTimeOffset? Iso(JsonElement from, string name) =>
        Text(from, name) is { Length: < 64 } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
