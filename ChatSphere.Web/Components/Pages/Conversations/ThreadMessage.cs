using ChatSphere.Contracts.Conversations;
using ChatSphere.Web.Components.Pages.Tools;
using ChatSphere.Web.Text;

namespace ChatSphere.Web.Components.Pages.Conversations;

/// <summary>A message on the screen. While its answer is being written it changes many times a second, and says so to whoever shows it.</summary>
public sealed class ThreadMessage
{
    private readonly HashSet<int> numbers = [];
    private string text;
    private IReadOnlyList<string>? blocks;

    public ThreadMessage(MessageResponse message)
    {
        Message = message;
        text = message.Text;
        numbers.UnionWith(message.Citations.Select(c => c.Number));
        Tools.Replace(message);
    }

    public event Action? Changed;

    public MessageResponse Message { get; private set; }

    public Guid Id => Message.Id;

    public bool IsAnswer => Message.Role is MessageRole.Assistant;

    public bool IsGenerating => Message.Status is MessageStatus.Generating;

    public string Text => text;

    public IReadOnlyList<SourceResponse> Sources { get; private set; } = [];

    public bool HasSources { get; private set; }

    /// <summary>From 1, of how many; null: it stands alone.</summary>
    public (int At, int Of)? Place => Message.Siblings is { Count: > 1 } all && all.ToList().IndexOf(Id) is >= 0 and var at ? (at + 1, all.Count) : null;

    public Guid? Beside(int step) => Place is { } place && place.At - 1 + step is var at && at >= 0 && at < place.Of ? Message.Siblings![at] : null;

    public SwitchedEvent? Switched { get; private set; }

    public string? Tool { get; private set; }

    public ToolLog Tools { get; } = new();

    public bool ConnectionLost { get; private set; }

    /// <summary>The answer's HTML by block, made anew only when the text changed.</summary>
    public IReadOnlyList<string> Blocks => blocks ??= SafeMarkdown.Render(text, numbers.Contains, IsGenerating, Message.LinkHosts, Message.Unsupported);

    public bool IsCited(int number) => numbers.Contains(number);

    public Passage? PassageOf(int number) =>
        Message.Citations.FirstOrDefault(c => c.Number == number) is { } cited ? new(cited.Number, cited.DocumentId, cited.DocumentName, cited.Page, cited.Start, cited.End, cited.Heading)
        : Sources.FirstOrDefault(s => s.Number == number) is { } source ? new(source.Number, source.DocumentId, source.DocumentName, source.Page, source.Start, source.End, source.Heading)
        : null;

    public void Replace(MessageResponse message)
    {
        // What tells of one message does not say what stands beside it.
        Message = message with { Siblings = message.Siblings ?? Message.Siblings };
        text = message.Text;
        ConnectionLost = false;
        Tool = null;
        if (!IsGenerating)
        {
            numbers.Clear();
            Tools.Replace(message);
        }

        numbers.UnionWith(message.Citations.Select(c => c.Number));
        Touch();
    }

    /// <returns>False when a piece is missing before this one: the stream has to be read from its start.</returns>
    public bool Apply(object turnEvent)
    {
        var isTool = Tools.Apply(turnEvent);
        switch (turnEvent)
        {
            case DeltaEvent delta when delta.Offset > text.Length:
                return false;
            case DeltaEvent delta:
                text = string.Concat(text.AsSpan(0, delta.Offset), delta.Text);
                Tool = null;
                ConnectionLost = false;
                break;
            case SourcesEvent sources:
                Sources = sources.Sources;
                HasSources = true;
                numbers.UnionWith(sources.Sources.Select(s => s.Number));
                break;
            case SwitchedEvent switched:
                Switched = switched;
                break;
            case ToolCallEvent call:
                Tool = call.Name;
                break;
            case Clients.StreamState state:
                ConnectionLost = state is Clients.StreamState.Lost;
                break;
            case DoneEvent done:
                Replace(done.Message with { Rating = Message.Rating });
                return true;
            case FailedEvent failed:
                Replace(failed.Message with { Rating = Message.Rating });
                return true;
            default:
                if (!isTool)
                {
                    return true;
                }

                break;
        }

        Touch();
        return true;
    }

    private void Touch()
    {
        blocks = null;
        Changed?.Invoke();
    }
}

/// <summary>A place in a document that an answer stands on.</summary>
public sealed record Passage(int Number, Guid DocumentId, string DocumentName, int? Page, int Start, int End, string? Heading)
{
    public string Where => Page is { } page ? $"{DocumentName}, page {page}" : DocumentName;
}
