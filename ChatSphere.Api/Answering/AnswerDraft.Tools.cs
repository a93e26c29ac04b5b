using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Tools;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Conversations;

namespace ChatSphere.Api.Answering;

internal sealed partial class AnswerDraft
{
    // What is kept of a call; what the model got to read may have been longer.
    private const int MaxKeptArguments = 8_000;
    private const int MaxKeptResult = 8_000;

    private readonly Lock _finding = new();
    private readonly List<ToolCall> _calls = [];
    private long _began;

    /// <summary>Null where nobody can be asked.</summary>
    public IToolApprovals? Approvals { get; set; }

    /// <summary>See <see cref="AnswerRequest.HoldsOthersText"/>.</summary>
    public bool HoldsOthersText { get; set; }

    /// <summary>What was called so far, in order.</summary>
    public IReadOnlyList<ToolCall> Calls => _calls;

    /// <summary>Passages found while the answer is written: numbered on from those there are, the same passage by the number that it has.</summary>
    public IReadOnlyList<(int Number, RetrievedPassage Passage)> Number(IReadOnlyList<RetrievedPassage> found)
    {
        lock (_finding)
        {
            var all = Passages.ToList();
            var numbered = new List<(int, RetrievedPassage)>(found.Count);
            foreach (var passage in found)
            {
                var known = all.FindIndex(p => p.DocumentId == passage.DocumentId && p.Start == passage.Start && p.End == passage.End);
                if (known < 0)
                {
                    all.Add(passage);
                    known = all.Count - 1;
                }

                numbered.Add((known + 1, passage));
            }

            Passages = all;
            return numbered;
        }
    }

    /// <summary>Keeps what happened with tools.</summary>
    public void Note(AnswerEvent happened, TimeProvider time)
    {
        switch (happened)
        {
            case AnswerToolCall c:
                _began = time.GetTimestamp();
                _calls.Add(new ToolCall(c.CallId, c.Name, Cut(c.ArgumentsJson, MaxKeptArguments), null, false, 0, null));
                break;
            case AnswerToolApproval:
                Change(c => c with { Approval = "waiting" });
                break;
            case AnswerToolDecided d:
                _began = time.GetTimestamp();
                Change(c => c with { Approval = Wire(d.Decision) });
                break;
            case AnswerToolResult r:
                Change(c => c with { Result = Cut(r.Result, MaxKeptResult), IsError = r.IsError, Milliseconds = (int)time.GetElapsedTime(_began).TotalMilliseconds });
                break;
            default:
                break;
        }
    }

    public static string Wire(ToolDecision decision) => decision switch
    {
        ToolDecision.Approved => "approved",
        ToolDecision.Denied => "denied",
        _ => "expired",
    };

    // They run one after the other.
    private void Change(Func<ToolCall, ToolCall> change) => _calls[^1] = change(_calls[^1]);

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";
}
