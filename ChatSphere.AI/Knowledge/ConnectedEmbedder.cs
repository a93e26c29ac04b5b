using System.Numerics.Tensors;
using ChatSphere.AI.Chat;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Knowledge;

/// <summary>
/// Embeddings of one model through one connection, whatever its protocol, made of length 1 (not every model does that itself). As for chat: a key that fails makes room for
/// another, circuits keep calls from queueing up behind what is down, and what may pass is tried again, twice.
/// </summary>
/// <param name="find">The connection as it is at this moment; null: it is gone, or switched off.</param>
/// <param name="dimensions">Vectors of another length are refused: they would be compared with nothing. Null: any.</param>
public sealed class ConnectedEmbedder(Func<ModelConnection?> find, string model, int? dimensions, ModelCircuits circuits, TimeProvider time) : IEmbeddingGenerator<string, Embedding<float>>
{
    private const int MaxRetries = 2;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TooSlow = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefusedRest = TimeSpan.FromMinutes(1);

    private readonly EmbeddingGeneratorMetadata _metadata = new("provider", null, model, dimensions);
    private Ways? _ways;
    private uint _turn;
    private string? _lastFault;

    private sealed record Way(ChatModel Model, IEmbeddingProvider Provider);

    private sealed record Ways(ModelConnection Connection, IReadOnlyList<Way> All);

    /// <exception cref="ProviderException">It cannot be had now; the message names what failed, and nothing that the provider sent.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        IReadOnlyList<string> texts = [.. values];
        if (texts.Count == 0)
        {
            return [];
        }

        var made = await EmbedAsync(texts, cancellationToken);
        if (made.Vectors.Count != texts.Count || made.Vectors.Any(v => v.Length == 0 || v.Length != (dimensions ?? made.Vectors[0].Length)))
        {
            throw new ProviderException($"{model} did not make one vector of the agreed length for each text.");
        }

        var result = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var vector in made.Vectors)
        {
            var length = TensorPrimitives.Norm(vector);
            if (!float.IsFinite(length))
            {
                throw new ProviderException($"{model} made a vector of numbers that are none.");
            }

            if (length > 0)
            {
                TensorPrimitives.Divide(vector, length, vector);
            }

            result.Add(new Embedding<float>(vector) { ModelId = model });
        }

        result.Usage = made.InputTokens is { } tokens ? new UsageDetails { InputTokenCount = tokens } : null;
        return result;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType?.IsInstanceOfType(this) == true ? this : null;

    public void Dispose()
    {
    }

    private async Task<EmbeddedTexts> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var ways = Open();
        var tried = new HashSet<Way>();
        for (var retries = 0; ;)
        {
            var (way, pass) = Enter(ways, tried);
            if (way is null || pass is null)
            {
                // Given a rest; what for says more.
                throw new ProviderException(Volatile.Read(ref _lastFault) ?? $"{model} failed too often lately and is given a rest.", 503, TimeSpan.FromSeconds(5));
            }

            ProviderFault fault;
            using (pass)
            {
                var started = time.GetTimestamp();
                using var limit = new CancellationTokenSource(CallTimeout, time);
                using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                try
                {
                    var made = await way.Provider.EmbedAsync(model, texts, linked.Token);
                    pass.Completed();
                    return made;
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not OutOfMemoryException)
                {
                    fault = ProviderFault.From(e, model);
                }
                catch when (time.GetElapsedTime(started) >= TooSlow)
                {
                    // Whoever asked has given up waiting: the next ones had better not wait as long.
                    pass.Failed();
                    throw;
                }

                if (fault.Counts)
                {
                    pass.Failed();
                }
            }

            Volatile.Write(ref _lastFault, fault.Reason);
            if (fault.Status is 401 or 403 or 429)
            {
                circuits.Rest(way.Model, fault.Status == 429 ? fault.RetryAfter ?? TimeSpan.FromSeconds(5) : RefusedRest);
            }

            tried.Add(way);
            if (fault.IsOfTheKey && ways.Any(w => !tried.Contains(w) && circuits.IllnessOf(w.Model) < 2))
            {
                continue;
            }

            var wait = fault.RetryAfter ?? TimeSpan.FromMilliseconds(Random.Shared.Next(200, 800));
            if (fault.Retries == 0 || retries++ == MaxRetries || wait > MaxWait)
            {
                throw new ProviderException(fault.Reason, fault.Status, fault.RetryAfter);
            }

            await Task.Delay(wait, time, cancellationToken);
            tried.Clear();
        }
    }

    private (Way? Way, ModelCircuits.Pass? Pass) Enter(IReadOnlyList<Way> ways, HashSet<Way> tried)
    {
        var turn = (int)(Interlocked.Increment(ref _turn) & int.MaxValue);
        foreach (var way in Enumerable.Range(0, ways.Count).Select(i => ways[(i + turn) % ways.Count]).Where(w => !tried.Contains(w)).OrderBy(w => circuits.IllnessOf(w.Model)))
        {
            if (circuits.TryEnter(way.Model) is { } pass)
            {
                return (way, pass);
            }
        }

        return (null, null);
    }

    private IReadOnlyList<Way> Open()
    {
        var connection = find() ?? throw new ProviderException("The connection is gone or switched off.");
        if (Volatile.Read(ref _ways) is { } known && ReferenceEquals(known.Connection, connection))
        {
            return known.All;
        }

        var ways = connection.Keys.Where(k => k.Provider is IEmbeddingProvider).Select(k => new Way(
            new ChatModel(model, k.Provider.Name, k.Provider.Open(model)) { Connection = connection.Name, Circuit = connection.Id?.ToString() ?? connection.Name, Key = k.Id }, (IEmbeddingProvider)k.Provider)).ToList();
        if (ways.Count == 0)
        {
            throw new ProviderException("The connection cannot embed.");
        }

        Volatile.Write(ref _ways, new(connection, ways));
        return ways;
    }
}
