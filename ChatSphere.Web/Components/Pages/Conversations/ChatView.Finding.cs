using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Text;
using Microsoft.JSInterop;

namespace ChatSphere.Web.Components.Pages.Conversations;

/// <summary>Searching what was said, and what begins with a slash.</summary>
public sealed partial class ChatView
{
    private sealed record SlashItem(string Name, string About, PromptResponse? Prompt);

    private static readonly SlashItem[] BuiltIn =
    [
        new("new", "Start a new chat", null),
        new("model", "Choose which models answer", null),
        new("regenerate", "Answer the last question once more", null),
        new("export", "Download this chat as Markdown", null),
    ];

    private const int PagesToLookThrough = 40;
    private string words = "";
    private List<FoundMessageResponse>? found;
    private string? moreFound;
    private DateTimeOffset? searchedBackTo;
    private ApiProblem? searchProblem;
    private Guid? wentTo;
    private IReadOnlyList<PromptResponse>? prompts;
    private List<SlashItem>? slashed;
    private int slashAt;
    private PromptResponse? filling;
    private Dictionary<string, string> filled = [];

    private async Task SearchAsync()
    {
        if (string.IsNullOrWhiteSpace(words))
        {
            StopSearching();
            return;
        }

        var page = await Conversations.SearchAsync(words.Trim(), null, leaving.Token);
        (searchProblem, moreFound, searchedBackTo) = (page.Problem, page.Value?.Next, page.Value?.SearchedBackTo);
        found = page.Value is null ? null : [.. page.Value.Items];
    }

    private async Task MoreFoundAsync()
    {
        var page = await Conversations.SearchAsync(words.Trim(), moreFound, leaving.Token);
        (searchProblem, moreFound, searchedBackTo) = (page.Problem, page.Value?.Next, page.Value?.SearchedBackTo);
        found?.AddRange(page.Value?.Items ?? []);
    }

    private void StopSearching() => (found, moreFound, searchedBackTo, searchProblem, words) = (null, null, null, null, "");

    private static IEnumerable<(string Text, bool IsMatch)> Parts(FoundMessageResponse hit)
    {
        var at = 0;
        foreach (var match in hit.Matches)
        {
            yield return (hit.Excerpt[at..match.Start], false);
            yield return (hit.Excerpt[match.Start..match.End], true);
            at = match.End;
        }

        yield return (hit.Excerpt[at..], false);
    }

    /// <summary>Brings the message onto the screen: from another branch, or from far back.</summary>
    private async Task GoToMessageAsync()
    {
        var (id, wanted) = (loadedConversation!.Value, MessageId!.Value);
        wentTo = wanted;
        for (var pages = 0; messages.TrueForAll(m => m.Id != wanted) && earlier is not null && pages < PagesToLookThrough; pages++)
        {
            await LoadEarlierAsync();
        }

        if (messages.TrueForAll(m => m.Id != wanted))
        {
            await GoAsync(wanted);
            for (var pages = 0; id == loadedConversation && messages.TrueForAll(m => m.Id != wanted) && earlier is not null && pages < PagesToLookThrough; pages++)
            {
                await LoadEarlierAsync();
            }
        }

        StateHasChanged();
        if (handle is not null)
        {
            await handle.InvokeVoidAsync("toMessage", wanted);
        }
    }

    /// <summary>From js/chat.js: what the composer holds, whenever it begins with a slash or just did.</summary>
    [JSInvokable]
    public async Task Slash(string text)
    {
        if (!text.StartsWith('/') || text.Contains('\n', StringComparison.Ordinal) || text.Length > 41)
        {
            slashed = null;
        }
        else
        {
            prompts ??= (await Prompts.ListAsync()).Value;
            slashed = [.. BuiltIn.Concat((prompts ?? []).Select(p => new SlashItem(p.Name, (p.Right is SharedRight.Owner ? "" : $"by {p.Owner?.DisplayName} · ") + (p.Text.Length > 80 ? TalkText.Start(p.Text, 80) + "…" : p.Text), p)))
                .Where(i => i.Name.StartsWith(text[1..], StringComparison.OrdinalIgnoreCase)).Take(12)];
            slashAt = 0;
        }

        StateHasChanged();
    }

    [JSInvokable]
    public void SlashMove(int step)
    {
        if (slashed is { Count: > 0 })
        {
            slashAt = (slashAt + step + slashed.Count) % slashed.Count;
            StateHasChanged();
        }
    }

    [JSInvokable]
    public async Task SlashTake()
    {
        if (slashed is { Count: > 0 })
        {
            await TakeSlashAsync(slashed[slashAt]);
            StateHasChanged();
        }
    }

    private async Task TakeSlashAsync(SlashItem item)
    {
        slashed = null;
        if (item.Prompt is { } prompt)
        {
            filling = prompt.Variables.Count > 0 ? prompt : null;
            filled = [];
            await SetComposerAsync(filling is null ? prompt.Text : "");
            return;
        }

        await SetComposerAsync("");
        switch (item.Name)
        {
            case "new":
                Navigation.NavigateTo("/chat");
                break;
            case "model" when handle is not null:
                await handle.InvokeVoidAsync("openModels");
                break;
            case "regenerate" when messages is [.., { IsAnswer: true } last]:
                await AgainAsync(last, []);
                break;
            case "export" when loadedConversation is { } id:
                Navigation.NavigateTo($"/bff/conversations/{id}/export?format=markdown", forceLoad: true);
                break;
            default:
                break;
        }
    }

    private async Task FillAsync()
    {
        var text = PromptTemplate.Fill(filling!.Text, filled);
        filling = null;
        await SetComposerAsync(text);
    }

    /// <summary>Beside what is there already.</summary>
    private async Task AddToComposerAsync(string text)
    {
        if (handle is not null)
        {
            await handle.InvokeVoidAsync("addText", text);
        }
    }

    private async Task SetComposerAsync(string text)
    {
        if (handle is not null)
        {
            await handle.InvokeVoidAsync("setText", text);
        }
    }
}
