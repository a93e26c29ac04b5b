using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Web.Clients;
using Microsoft.AspNetCore.Components;

namespace ChatSphere.Web.Components.Pages.Conversations;

/// <summary>Branches, answers side by side, ratings, and the order among conversations.</summary>
public sealed partial class ChatView
{
    private const int MostAtOnce = 4;
    private readonly List<string> asking = [];
    private IReadOnlyList<string> models = [];
    private List<ThreadMessage>? comparing;
    private ThreadMessage? comparedTab;
    private bool treeOpen;
    private bool temporary;
    private ConversationFilter filter = new();
    private string shownAs = "";
    private IReadOnlyList<FolderResponse> folders = [];
    private IReadOnlyList<TagResponse> tags = [];
    private HashSet<Guid>? picked;
    private bool deletingMany;
    private string? newFolder;
    private string reads = "en";
    private bool knowsReads;

    private static string ModelOf(ThreadMessage answer) => answer.Message.Model ?? answer.Message.RequestedModel ?? "The bot’s model";

    private async Task LoadFoldersAsync()
    {
        folders = (await Conversations.FoldersAsync(leaving.Token)).Value ?? folders;
        tags = (await Conversations.TagsAsync(leaving.Token)).Value ?? tags;
        if (models.Count == 0 && (await Bots.ModelsAsync()).Value is { } known)
        {
            models = [.. known.Select(m => m.Id)];
        }

        if (!knowsReads)
        {
            var preferences = await People.PreferencesAsync();
            (knowsReads, reads) = (preferences.Succeeded, preferences.Value?.Locale is { Length: > 0 } locale ? locale : reads);
        }
    }

    private async Task FilterAsync(ChangeEventArgs change)
    {
        shownAs = change.Value as string ?? "";
        filter = shownAs == "archived" ? new(Archived: true)
            : shownAs.StartsWith("folder:", StringComparison.Ordinal) && Guid.TryParse(shownAs.AsSpan(7), out var folderId) ? new(FolderId: folderId)
            : shownAs.StartsWith("tag:", StringComparison.Ordinal) ? new(Tag: shownAs[4..])
            : new();
        (picked, deletingMany) = (null, false);
        await LoadListAsync();
    }

    private bool Belongs(ConversationResponse conversation) =>
        conversation.ExpiresAt is null && conversation.IsArchived == filter.Archived && (filter.FolderId is null || conversation.FolderId == filter.FolderId) && (filter.Tag is null || conversation.Tags.Contains(filter.Tag));

    private void Changed(ConversationResponse conversation) => Put(conversation);

    private void Pick(Guid id)
    {
        if (picked?.Remove(id) is false)
        {
            picked.Add(id);
        }
    }

    private async Task ChangeManyAsync(ConversationAction action)
    {
        var changed = await Conversations.ChangeManyAsync(new([.. picked!], action));
        listProblem = changed.Problem;
        if (changed.Succeeded)
        {
            var gone = picked!;
            (picked, deletingMany) = (null, false);
            conversations.RemoveAll(c => gone.Contains(c.Id));
            if (action is ConversationAction.Delete && loadedConversation is { } open && gone.Contains(open))
            {
                Navigation.NavigateTo("/chat");
            }
        }
    }

    private async Task AddFolderAsync()
    {
        if (newFolder?.Trim() is not { Length: > 0 } name)
        {
            newFolder = null;
            return;
        }

        var added = await Conversations.AddFolderAsync(name);
        listProblem = added.Problem;
        newFolder = null;
        await LoadFoldersAsync();
    }

    private async Task DeleteFolderAsync(Guid id)
    {
        listProblem = (await Conversations.DeleteFolderAsync(id)).Problem;
        (filter, shownAs) = (new(), "");
        await LoadListAsync();
    }

    private async Task KeepAsync()
    {
        var kept = await Conversations.ChangeAsync(here!.Id, new() { Keep = true });
        sendProblem = kept.Problem;
        if (kept.Succeeded)
        {
            Put(kept.Value);
        }
    }

    private void Toggle(string model)
    {
        if (!asking.Remove(model) && asking.Count < MostAtOnce)
        {
            asking.Add(model);
        }
    }

    /// <summary>The current branch as it is now; what is on the screen of it stays the same.</summary>
    private async Task ReloadPathAsync()
    {
        if (loadedConversation is not { } id || await Conversations.MessagesAsync(id, null, leaving.Token) is not { Value: { } page } || id != loadedConversation)
        {
            return;
        }

        var before = messages.ToDictionary(m => m.Id);
        messages.Clear();
        foreach (var message in page.Items.Reverse())
        {
            if (!before.TryGetValue(message.Id, out var known))
            {
                known = new(message);
            }
            else if (!(known.IsGenerating && followedTurns.Contains(known.Message.TurnId)))
            {
                known.Replace(message);
            }

            messages.Add(known);
        }

        earlier = page.Next;
        FollowAll(messages);
    }

    private async Task GoAsync(Guid messageId)
    {
        if (loadedConversation is not { } id)
        {
            return;
        }

        var chosen = await Conversations.ChooseAsync(id, messageId);
        sendProblem = chosen.Problem;
        if (chosen.Succeeded)
        {
            (comparing, here) = (null, chosen.Value);
            await ReloadPathAsync();
        }
    }

    private async Task EditAsync(ThreadMessage question, string text) =>
        await BranchOffAsync(() => Conversations.AskAsync(loadedConversation!.Value, new(text) { Edits = question.Id, Models = asking.Count > 0 ? [.. asking] : null }, Guid.NewGuid().ToString("N")));

    private async Task AgainAsync(ThreadMessage answer, IReadOnlyList<string> chosen) => await BranchOffAsync(() => Conversations.AnswerAgainAsync(loadedConversation!.Value, answer.Id, chosen));

    private async Task ContinueAsync(ThreadMessage answer) => await BranchOffAsync(() => Conversations.ContinueAsync(loadedConversation!.Value, answer.Id));

    private async Task BranchOffAsync(Func<Task<ApiResult<TurnResponse>>> askAsync)
    {
        if (sending || IsAnswering || loadedConversation is null)
        {
            return;
        }

        sending = true;
        sendProblem = null;
        try
        {
            var asked = await askAsync();
            if (!asked.Succeeded)
            {
                botDeleted = asked.Problem.Code is ErrorCodes.BotDeleted or ErrorCodes.BotUnavailable;
                sendProblem = botDeleted ? null : asked.Problem;
                return;
            }

            (passage, comparing) = (null, null);
            await ReloadPathAsync();
            if (asked.Value.Others.Count > 0)
            {
                await CompareAsync(asked.Value.AssistantMessageId);
            }
        }
        finally
        {
            sending = false;
        }

        await ScrollToLatestAsync();
    }

    /// <summary>Puts the answers to the last question side by side: those that are being written, or the newest ones.</summary>
    private async Task CompareAsync(Guid answerId, bool onlyIfAtOnce = false)
    {
        if (loadedConversation is not { } id || await Conversations.SiblingsAsync(id, answerId, leaving.Token) is not { Value: { } all } || id != loadedConversation)
        {
            return;
        }

        var chosen = all.Where(m => m.Status is MessageStatus.Generating).ToList();
        if (chosen.Count < 2)
        {
            if (onlyIfAtOnce)
            {
                return;
            }

            chosen = [.. all.TakeLast(MostAtOnce)];
        }

        comparing = [.. chosen.Select(m => messages.Find(known => known.Id == m.Id) ?? new ThreadMessage(m))];
        comparedTab = comparing[0];
        FollowAll(comparing);
    }

    private async Task RateAsync(ThreadMessage answer, (MessageRatingValue? Value, string? Comment) given)
    {
        var id = loadedConversation!.Value;
        if (given.Value is not { } value)
        {
            sendProblem = (await Conversations.TakeRatingBackAsync(id, answer.Id)).Problem;
            answer.Replace(answer.Message with { Rating = null });
            return;
        }

        var rated = await Conversations.RateAsync(id, answer.Id, value, given.Comment ?? (answer.Message.Rating?.Value == value ? answer.Message.Rating.Comment : null));
        sendProblem = rated.Problem;
        if (rated.Succeeded)
        {
            answer.Replace(answer.Message with { Rating = rated.Value });
        }
    }
}
