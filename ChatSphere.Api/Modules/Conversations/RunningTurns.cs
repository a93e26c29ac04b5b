using System.Collections.Concurrent;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Messaging.Live;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>Why a turn that runs is cut short.</summary>
internal enum TurnCut
{
    None,
    Stopped,
    ShuttingDown,
}

/// <summary>An answer being written on this node: its events so far, and who waits for more.</summary>
internal sealed class RunningTurn(Guid turnId, Guid conversationId, Guid ownerId, Guid answerId) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<TurnEvent> _events = [];
    private readonly CancellationTokenSource _cut = new();
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TurnCut _why;

    public Guid TurnId => turnId;

    public Guid ConversationId => conversationId;

    public Guid OwnerId => ownerId;

    public Guid AnswerId => answerId;

    /// <summary>The answer so far, for the checkpoint.</summary>
    public string Text { get; set; } = "";

    public CancellationToken Cut => _cut.Token;

    public TurnCut Why => _why;

    public int LastSeq
    {
        get
        {
            lock (_gate)
            {
                return _events.Count;
            }
        }
    }

    public TurnEvent Append(string name, string data)
    {
        TaskCompletionSource appended;
        TurnEvent e;
        lock (_gate)
        {
            e = new TurnEvent(_events.Count + 1, name, data);
            _events.Add(e);
            (appended, _appended) = (_appended, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        appended.TrySetResult();
        return e;
    }

    /// <summary>The events after a sequence number, and what completes when there are more.</summary>
    public (IReadOnlyList<TurnEvent> Events, Task More) After(int seq)
    {
        lock (_gate)
        {
            return (seq >= _events.Count ? [] : _events.GetRange(Math.Max(0, seq), _events.Count - Math.Max(0, seq)), _appended.Task);
        }
    }

    public void CutShort(TurnCut why)
    {
        lock (_gate)
        {
            if (_why != TurnCut.None)
            {
                return;
            }

            _why = why;
        }

        _cut.Cancel();
    }

    public void Dispose() => _cut.Dispose();

    public static bool IsLast(string eventName) => eventName is TurnEventNames.Done or TurnEventNames.Failed;
}

internal sealed class RunningTurns
{
    private readonly ConcurrentDictionary<Guid, RunningTurn> _turns = new();

    public int Count => _turns.Count;

    public IEnumerable<RunningTurn> All => _turns.Values;

    public void Add(RunningTurn turn) => _turns[turn.TurnId] = turn;

    public void Remove(Guid turnId) => _turns.TryRemove(turnId, out _);

    public RunningTurn? Find(Guid turnId) => _turns.GetValueOrDefault(turnId);

    /// <summary>False when it does not run here.</summary>
    public bool Stop(Guid turnId)
    {
        if (Find(turnId) is not { } turn)
        {
            return false;
        }

        turn.CutShort(TurnCut.Stopped);
        return true;
    }
}
