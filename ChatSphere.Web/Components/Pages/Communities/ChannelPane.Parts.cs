using System.Text.Json;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ChatSphere.Web.Components.Pages.Communities;

public sealed partial class ChannelPane
{
    // Beside each reaction stand the first few people; whether I am among the others, the server is asked.
    private readonly Dictionary<Guid, HashSet<string>> mine = [];
    private readonly Dictionary<Guid, IReadOnlyList<int>> votes = [];
    private bool polling;
    private bool pollAllowsSeveral;
    private int pollMinutes = 24 * 60;
    private string pollQuestion = "";
    private string pollOptions = "";
    private ApiProblem? pollProblem;

    /// <summary>A thread is wanted beside this.</summary>
    [Parameter]
    public EventCallback<Guid> OnThread { get; set; }

    private bool MayAttach => May(ServerRights.AttachFiles);

    private bool MayPoll => May(ServerRights.SendPolls) && Channel.Kind is ChannelKind.Text;

    private string EmojiJson => Server.Emoji.Count == 0 ? "[]" : JsonSerializer.Serialize(Server.Emoji.Select(e => new { id = e.Id, name = e.Name, url = EmojiAddress(e.Id) }));

    /// <summary>What a message says, with names for the ids in it.</summary>
    public string PlainText(ChannelMessageResponse message) =>
        message.Content.Length > 0 ? MessageText.Plain(message.Content, (kind, id) => NamedIn(message, kind, id))
        : message.Poll is { } poll ? poll.Question
        : message.Attachments is [var file, ..] ? file.Name
        : "";

    public string PlainText(ReplyPreviewResponse reply) => MessageText.Plain(reply.Content, (kind, id) => NamedIn(null, kind, id));

    /// <summary>What an id in a text is called; null: nobody knows, or nobody may.</summary>
    public Named? NamedIn(ChannelMessageResponse? message, char kind, Guid id)
    {
        switch (kind)
        {
            case '#':
                return State.Channel(id) is { ServerId: { } server } channel ? new Named(channel.Name, $"/servers/{server}/{id}") : null;
            case '&':
                return Server.Roles.FirstOrDefault(r => r.Id == id) is { } role ? new Named(role.Name, IsMine: Server.MyRoles.Contains(id), Color: role.Color) : null;
            default:
                return (message?.Mentions.FirstOrDefault(m => m.Id == id)?.Name ?? State.NameOf(id)) is { } name ? new Named(name, IsMine: id == State.Me) : null;
        }
    }

    public string? EmojiAddress(Guid id) => Server.Emoji.FirstOrDefault(e => e.Id == id) is { } emoji ? $"/content/servers/{Server.Id}/emoji/{id}?v={emoji.ImageVersion}" : null;

    public DateTimeOffset Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, Zone);

    public bool IsMyReaction(Guid messageId, ReactionResponse reaction) => reaction.AccountIds.Contains(State.Me) || (mine.TryGetValue(messageId, out var own) && own.Contains(reaction.Emoji));

    public IReadOnlyList<int> MyVote(Guid messageId) => votes.GetValueOrDefault(messageId) ?? [];

    public async Task ToggleReactionAsync(ChannelMessageResponse message, string emoji)
    {
        var reaction = message.Reactions.FirstOrDefault(r => r.Emoji == emoji);
        if (!mine.TryGetValue(message.Id, out var own))
        {
            mine[message.Id] = own = [];
        }

        if (reaction is not null && IsMyReaction(message.Id, reaction))
        {
            own.Remove(emoji);
            actProblem = (await Client.TakeReactionBackAsync(Channel.Id, message.Id, emoji)).Problem;
        }
        else
        {
            var done = await Client.ReactAsync(Channel.Id, message.Id, emoji);
            Take(done);
            if (done.Succeeded)
            {
                own.Add(emoji);
            }
        }

        StateHasChanged();
    }

    public async Task VoteAsync(ChannelMessageResponse message, int option)
    {
        if (message.Poll is not { } poll)
        {
            return;
        }

        var chosen = MyVote(message.Id);
        IReadOnlyList<int> wanted = chosen.Contains(option) ? [.. chosen.Where(o => o != option)] : poll.AllowsSeveral ? [.. chosen, option] : [option];
        var voted = await Client.VoteAsync(Channel.Id, message.Id, wanted);
        if (voted.Succeeded)
        {
            votes[message.Id] = wanted;
        }

        Take(voted);
        log.Find(message.Id)?.Touch();
        StateHasChanged();
    }

    /// <summary>How many answers a thread has stands below the message that it began with, which is not changed by them.</summary>
    private void HearThread(ThreadChangedEvent happened)
    {
        if (happened.ParentId == Channel.Id && log.FindThread(happened.ThreadId) is { Message: { } starter } entry)
        {
            entry.Store(starter with
            {
                Thread = happened.IsDeleted ? null : new ThreadSummaryResponse(happened.ThreadId, happened.Name, happened.Messages, happened.LastMessageAt, happened.IsArchived, happened.IsLocked),
            });
        }
    }

    /// <summary>What is mine in messages that have come onto the screen.</summary>
    private async Task LoadMineAsync(IReadOnlyList<ChannelMessageResponse> messages)
    {
        var many = messages.Where(m => m.Reactions.Any(r => r.Count > r.AccountIds.Count && !r.AccountIds.Contains(State.Me))).ToList();
        if (many.Count > 0 && await Client.MyReactionsAsync(Channel.Id, many.Min(m => m.Seq), many.Max(m => m.Seq), leaving.Token) is { Value: { } own })
        {
            foreach (var reactions in own)
            {
                mine[reactions.MessageId] = [.. reactions.Emoji];
                log.Find(reactions.MessageId)?.Touch();
            }
        }

        foreach (var poll in messages.Where(m => m is { Poll: not null, DeletedAt: null } && !votes.ContainsKey(m.Id)).TakeLast(20))
        {
            if (await Client.MyVoteAsync(Channel.Id, poll.Id) is { Value: { Options: { Count: > 0 } chosen } })
            {
                votes[poll.Id] = chosen;
                log.Find(poll.Id)?.Touch();
            }
        }
    }

    private async Task ActFurtherAsync(string act, MessageEntry entry, ChannelMessageResponse message, string? value)
    {
        switch (act)
        {
            case "react" when value is { Length: > 0 }:
                // One of the server's own comes as name:id.
                await ToggleReactionAsync(message, value.Length > 37 && value[^37] == ':' && Guid.TryParse(value[^36..], out var own) ? own.ToString() : value);
                break;
            case "pin":
                if (message.IsPinned)
                {
                    actProblem = (await Client.UnpinAsync(Channel.Id, message.Id)).Problem;
                }
                else
                {
                    Take(await Client.PinAsync(Channel.Id, message.Id));
                }

                break;
            case "save":
                await SaveEditAsync(entry, message, value?.Trim() ?? "");
                break;
            case "thread":
                await BeginThreadAsync(message);
                break;
        }
    }

    private async Task SaveEditAsync(MessageEntry entry, ChannelMessageResponse message, string text)
    {
        var content = MessageText.FromEditing(text, MessageText.ForEditing(message.Content, (kind, id) => NamedIn(message, kind, id)).Tokens);
        if (content.Length == 0 && message.Attachments.Count == 0)
        {
            // Nothing left to say.
            deleting = entry;
        }
        else if (content != message.Content)
        {
            var saved = await Client.EditAsync(Channel.Id, message.Id, content);
            Take(saved);
            if (!saved.Succeeded)
            {
                return;
            }
        }

        entry.Edit(false);
        editing = null;
    }

    private async Task DeleteAsync()
    {
        if (deleting?.Message is { } message)
        {
            deleting = null;
            actProblem = (await Client.DeleteAsync(Channel.Id, message.Id)).Problem;
        }
    }

    private async Task BeginThreadAsync(ChannelMessageResponse message)
    {
        if (message.Thread is { } there)
        {
            await OnThread.InvokeAsync(there.Id);
            return;
        }

        var name = Cut(PlainText(message), 60);
        var begun = await Client.CreateThreadAsync(Channel.Id, new CreateThreadRequest(name.Length > 0 ? name : "Thread", message.Id));
        actProblem = begun.Problem;
        if (begun.Succeeded)
        {
            await OnThread.InvokeAsync(begun.Value.Id);
        }
    }

    /// <summary>The answer to something that was done to a message, which is shown at once; the event tells it to everybody.</summary>
    private void Take(ApiResult<ChannelMessageResponse> done)
    {
        actProblem = done.Problem;
        if (done.Succeeded)
        {
            log.Refresh(done.Value);
        }
    }

    private void BeginPoll() => (polling, pollQuestion, pollOptions, pollAllowsSeveral, pollMinutes, pollProblem) = (true, "", "", false, 24 * 60, null);

    private async Task PollAsync()
    {
        var options = pollOptions.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (pollQuestion.Trim().Length == 0 || options.Length is < 2 or > 10)
        {
            pollProblem = new ApiProblem(400, "", "Write a question, and two to ten answers, each on a line of its own.");
            return;
        }

        var sent = await Client.PostAsync(Channel.Id, new PostMessageRequest("", Guid.NewGuid().ToString("N")) { Poll = new CreatePollRequest(pollQuestion.Trim(), options, pollAllowsSeveral, pollMinutes) }, leaving.Token);
        pollProblem = sent.Problem;
        if (sent.Succeeded)
        {
            polling = false;
            if (!log.Stored(sent.Value))
            {
                await CatchUpAsync();
            }
        }
    }

    /// <summary>From js/community-channel.js: an upload that is not to be sent after all.</summary>
    [JSInvokable]
    public Task DropUpload(Guid id) => Client.DropAttachmentAsync(Channel.Id, id);

    private async Task<IReadOnlyList<Suggestion>> SuggestAsync(string sign, string words)
    {
        IEnumerable<Suggestion> found = [];
        if (sign == "#")
        {
            found = Server.Channels.Where(ServerHere.IsWritten).Select(c => new Suggestion(c.Name, $"#{c.Name}", $"<#{c.Id}>", c.Topic, "#"));
        }
        else if (sign == "@" && Server.IsDirect)
        {
            found = Server.People.GetValueOrDefault(Channel.Id, []).Select(p => new Suggestion(p.Name, $"@{p.Name}", $"<@{p.Id}>", null, "@"));
        }
        else if (sign == "@")
        {
            var people = (await Client.MembersAsync(Server.Id, leaving.Token, words: words.Length > 0 ? words : null, limit: 10)).Value?.Items ?? [];
            foreach (var person in people)
            {
                State.Learn(person.MemberId, ShownName(person));
            }

            found = people.Select(p => new Suggestion(ShownName(p), $"@{ShownName(p)}", $"<@{p.MemberId}>", p.Nickname.Length > 0 ? p.Name : p.Kind is ServerMemberKind.Bot ? "Bot" : null, "@"))
                .Concat(Server.Roles.Where(r => r.Id != Server.Id && (r.IsMentionable || May(ServerRights.MentionEveryone))).Select(r => new Suggestion(r.Name, $"@{r.Name}", $"<@&{r.Id}>", "Role", "@")))
                .Concat(May(ServerRights.MentionEveryone) ? [new Suggestion("everyone", "@everyone", null, "Everybody here", "@"), new Suggestion("here", "@here", null, "Everybody who is online", "@")] : []);
        }

        return [.. found.Where(s => s.Text.Contains(words, StringComparison.CurrentCultureIgnoreCase) || s.Detail?.StartsWith(words, StringComparison.CurrentCultureIgnoreCase) is true)
            .OrderByDescending(s => s.Text.StartsWith(words, StringComparison.CurrentCultureIgnoreCase)).Take(8)];
    }

    private static string ShownName(ServerMemberResponse member) => member.Nickname.Length > 0 ? member.Nickname : member.Name;
}
