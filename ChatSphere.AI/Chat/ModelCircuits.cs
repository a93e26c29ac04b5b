using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ChatSphere.AI.Chat;

public enum CircuitState
{
    Closed,
    HalfOpen,
    Open,
}

/// <summary>
/// Keeps turns from queueing up behind a model that is down: a circuit for each model under each key of each connection, so that one that is overloaded, or out of quota,
/// takes no other with it. Five failures in a row within 30 s open it; 15 s later one call may try, and its first token closes it again. A key that was refused, or told
/// to wait, is rested: others come first meanwhile. One for the process: what one turn learns helps the next.
/// </summary>
public sealed class ModelCircuits
{
    private const int FailuresToOpen = 5;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(15);

    /// <summary>Connections of users come and go; what says nothing is dropped when there are more.</summary>
    private const int MaxCircuits = 20_000;

    private readonly ConcurrentDictionary<(string Connection, string Key, string Model), Circuit> _circuits = new();
    private readonly ConcurrentDictionary<(string Connection, string Key), long> _rested = new();
    private readonly TimeProvider _time;

    public ModelCircuits(TimeProvider time)
    {
        _time = time;
        AiTelemetry.Meter.CreateObservableGauge("chatsphere.ai.circuit.state", Measure, "{state}", "0 closed, 1 half-open, 2 open.");
    }

    public CircuitState StateOf(string connection, string model, string key = "") => _circuits.TryGetValue((connection, key, model), out var circuit) ? circuit.State : CircuitState.Closed;

    /// <summary>Null when the circuit is open. Else the call must be settled or disposed; disposing without a verdict (cancelled) counts as neither.</summary>
    internal Pass? TryEnter(ChatModel model)
    {
        if (_circuits.Count > MaxCircuits)
        {
            foreach (var (known, idle) in _circuits)
            {
                if (idle.IsIdle)
                {
                    _circuits.TryRemove(known, out _);
                }
            }
        }

        return _circuits.GetOrAdd((model.Circuit, model.Key, model.Id), static (_, made) => new(made.Model.Provider, made.Model.Id, made.Model.IsOwn, made.Time), (Model: model, Time: _time)).TryEnter();
    }

    /// <summary>Others first, for so long.</summary>
    internal void Rest(ChatModel model, TimeSpan time) => _rested[(model.Circuit, model.Key)] = _time.GetTimestamp() + (long)(time.TotalSeconds * _time.TimestampFrequency);

    /// <summary>0 healthy, 1 resting, 2 open.</summary>
    internal int IllnessOf(ChatModel model)
    {
        if (StateOf(model.Circuit, model.Id, model.Key) == CircuitState.Open)
        {
            return 2;
        }

        if (!_rested.TryGetValue((model.Circuit, model.Key), out var until))
        {
            return 0;
        }

        if (_time.GetTimestamp() < until)
        {
            return 1;
        }

        _rested.TryRemove((model.Circuit, model.Key), out _);
        return 0;
    }

    // Without those of users: their number is not ours to say.
    private IEnumerable<Measurement<int>> Measure() => _circuits.Where(c => !c.Value.IsOwn).Select(c => new Measurement<int>(
        (int)c.Value.State, new KeyValuePair<string, object?>("gen_ai.provider.name", c.Value.Provider), new("gen_ai.request.model", c.Key.Model), new("chatsphere.ai.connection", c.Key.Connection), new("chatsphere.ai.key", c.Key.Key)));

    internal sealed class Pass(Circuit circuit, bool probe) : IDisposable
    {
        private bool _settled;

        /// <summary>A half-open circuit closes here already: waiting for the end of a long answer would keep everybody else away from a model that works.</summary>
        public void FirstToken()
        {
            if (probe && !_settled)
            {
                _settled = true;
                circuit.Close();
            }
        }

        public void Completed()
        {
            _settled = true;
            circuit.Close();
        }

        public void Failed()
        {
            circuit.Fail(probe && !_settled);
            _settled = true;
        }

        public void Dispose()
        {
            if (probe && !_settled)
            {
                circuit.ReleaseProbe();
            }

            _settled = true;
        }
    }

    internal sealed class Circuit(string provider, string model, bool isOwn, TimeProvider time)
    {
        private readonly Lock _lock = new();
        private readonly Queue<long> _failures = new(FailuresToOpen);
        private long _opened;
        private bool _open;
        private bool _probing;

        public string Provider => provider;

        public bool IsOwn => isOwn;

        public bool IsIdle
        {
            get
            {
                lock (_lock)
                {
                    return !_open && _failures.Count == 0;
                }
            }
        }

        public CircuitState State
        {
            get
            {
                lock (_lock)
                {
                    return !_open ? CircuitState.Closed : time.GetElapsedTime(_opened) >= OpenFor ? CircuitState.HalfOpen : CircuitState.Open;
                }
            }
        }

        public Pass? TryEnter()
        {
            lock (_lock)
            {
                if (!_open)
                {
                    return new(this, probe: false);
                }

                if (_probing || time.GetElapsedTime(_opened) < OpenFor)
                {
                    return null;
                }

                _probing = true;
                Count("half_open");
                return new(this, probe: true);
            }
        }

        public void Close()
        {
            lock (_lock)
            {
                if (_open)
                {
                    Count("closed");
                }

                _failures.Clear();
                (_open, _probing) = (false, false);
            }
        }

        public void Fail(bool probe)
        {
            lock (_lock)
            {
                if (probe)
                {
                    _probing = false;
                    Open();
                    return;
                }

                if (_open)
                {
                    return;
                }

                _failures.Enqueue(time.GetTimestamp());
                while (_failures.Count > FailuresToOpen || time.GetElapsedTime(_failures.Peek()) > Window)
                {
                    _failures.Dequeue();
                }

                if (_failures.Count == FailuresToOpen)
                {
                    Open();
                }
            }
        }

        public void ReleaseProbe()
        {
            lock (_lock)
            {
                _probing = false;
            }
        }

        private void Open()
        {
            _failures.Clear();
            (_open, _opened) = (true, time.GetTimestamp());
            Count("open");
        }

        private void Count(string state) => AiTelemetry.CircuitTransitions.Add(
            1, new KeyValuePair<string, object?>("gen_ai.provider.name", provider), new("gen_ai.request.model", model), new("chatsphere.ai.circuit.state", state));
    }
}
