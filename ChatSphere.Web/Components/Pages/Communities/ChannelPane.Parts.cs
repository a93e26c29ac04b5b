using ChatSphere.Contracts.Communities;
using ChatSphere.Web.Text;

namespace ChatSphere.Web.Components.Pages.Communities;

public sealed partial class ChannelPane
{
    private static bool HasReactions { get; }

    private static bool HasThreads { get; }

    private static bool HasEdits { get; }

    private static bool HasPins { get; }

    private static string EmojiJson => "[]";

    /// <summary>What a message says, with names for the ids in it.</summary>
    public string PlainText(ChannelMessageResponse message) => MessageText.Plain(message.Content, Named);

    /// <summary>What an id in a text is called here; null: nobody knows.</summary>
    public Named? Named(char kind, Guid id) => kind switch
    {
        '#' => State.Channel(id) is { ServerId: { } server } channel ? new Named(channel.Name, $"/servers/{server}/{id}") : null,
        '&' => Server.Roles.FirstOrDefault(r => r.Id == id) is { } role ? new Named(role.Name, IsMine: Server.MyRoles.Contains(id), Color: role.Color) : null,
        _ => State.NameOf(id) is { } name ? new Named(name, IsMine: id == State.Me) : null,
    };

    public Named? NamedIn(ChannelMessageResponse? message, char kind, Guid id) => Named(kind, id);

    public static string? EmojiAddress(Guid id) => null;

    public DateTimeOffset Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, Zone);

    private static Task ActFurtherAsync(string act, MessageEntry entry, ChannelMessageResponse message, string? value) => Task.CompletedTask;

    private static Task DeleteAsync() => Task.CompletedTask;

    private Task<IReadOnlyList<Suggestion>> SuggestAsync(string sign, string words)
    {
        IEnumerable<Suggestion> found = sign switch
        {
            "#" => Server.Channels.Where(ServerHere.IsWritten).Select(c => new Suggestion(c.Name, $"#{c.Name}", $"<#{c.Id}>", c.Topic, "#")),
            "@" => State.Names.Select(n => new Suggestion(n.Value, $"@{n.Value}", $"<@{n.Key}>", null, "@"))
                .Concat(Server.Roles.Where(r => r.Id != Server.Id && (r.IsMentionable || May(ServerRights.MentionEveryone))).Select(r => new Suggestion(r.Name, $"@{r.Name}", $"<@&{r.Id}>", "Role", "@")))
                .Concat(May(ServerRights.MentionEveryone) ? [new Suggestion("everyone", "@everyone", null, "Everybody here", "@"), new Suggestion("here", "@here", null, "Everybody who is online", "@")] : []),
            _ => [],
        };
        return Task.FromResult<IReadOnlyList<Suggestion>>([.. found.Where(s => s.Text.Contains(words, StringComparison.CurrentCultureIgnoreCase))
            .OrderByDescending(s => s.Text.StartsWith(words, StringComparison.CurrentCultureIgnoreCase)).ThenBy(s => s.Text, StringComparer.CurrentCultureIgnoreCase).Take(8)]);
    }
}
