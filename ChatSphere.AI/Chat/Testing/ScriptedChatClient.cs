using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat.Testing;

/// <summary>A language model that does as it is told: each call plays the next script, and every call is kept. With no script left it fails.</summary>
public sealed class ScriptedChatClient : IChatClient
{
    private readonly ConcurrentQueue<Func<ScriptedCall, IAsyncEnumerable<ChatResponseUpdate>>> _scripts = new();
    private readonly ConcurrentQueue<ScriptedCall> _calls = new();

    public IReadOnlyList<ScriptedCall> Calls => [.. _calls];

    /// <summary>Plays the steps in order: see <see cref="Step"/>.</summary>
    public ScriptedChatClient Then(params Step[] steps) => Then(_ => Play(steps));

    public ScriptedChatClient Then(Func<ScriptedCall, IAsyncEnumerable<ChatResponseUpdate>> script)
    {
        _scripts.Enqueue(script);
        return this;
    }

    /// <summary>The pieces, then usage and a proper end.</summary>
    public ScriptedChatClient ThenSay(params string[] pieces) => Then([.. pieces.Select(Step.Text), Step.Usage(10, pieces.Length), Step.Finish()]);

    public ScriptedChatClient ThenFail(Exception exception) => Then(Step.Throw(exception));

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = new ScriptedCall([.. messages], options?.Clone() ?? new(), cancellationToken);
        _calls.Enqueue(call);
        if (!_scripts.TryDequeue(out var script))
        {
            throw new ProviderException("Nothing is left in the script.", status: 500);
        }

        await foreach (var update in script(call).WithCancellation(cancellationToken))
        {
            yield return update;
        }
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType?.IsInstanceOfType(this) == true ? this : null;

    public void Dispose()
    {
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Play(Step[] steps, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var step in steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await step.Before(cancellationToken);
            if (step.Update is { } update)
            {
                yield return update;
            }
        }
    }

    /// <summary>One move of a script: wait for something, then say something; both optional.</summary>
    public sealed record Step(Func<CancellationToken, Task> Before, ChatResponseUpdate? Update)
    {
        public static Step Text(string text) => Say(new(ChatRole.Assistant, text));

        public static Step Say(ChatResponseUpdate update) => new(static _ => Task.CompletedTask, update);

        public static Step Call(string id, string name, string argumentsJson) => Say(new(
            ChatRole.Assistant,
            [FunctionCallContent.CreateFromParsedArguments(argumentsJson, id, name, static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json))]));

        public static Step Usage(int input, int output) => Say(new(
            ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output })]));

        public static Step Finish(ChatFinishReason? reason = null) => Say(new() { Role = ChatRole.Assistant, FinishReason = reason ?? ChatFinishReason.Stop });

        public static Step Throw(Exception exception) => new(_ => Task.FromException(exception), null);

        /// <summary>Silent until the gate opens, or the caller gives up.</summary>
        public static Step Wait(Task gate) => new(token => gate.WaitAsync(token), null);

        public static Step Silence() => new(static token => Task.Delay(Timeout.Infinite, token), null);

        public static Step Delay(TimeSpan delay, TimeProvider time) => new(token => Task.Delay(delay, time, token), null);
    }
}

/// <param name="Token">As the client got it: cancelled once nobody wants the answer any more.</param>
public sealed record ScriptedCall(IReadOnlyList<ChatMessage> Messages, ChatOptions Options, CancellationToken Token);

/// <summary>Serves <see cref="ScriptedChatClient"/>s, one for each model id; asking for a model makes it.</summary>
public sealed class ScriptedProvider(string? defaultModel = null) : IChatProvider
{
    private readonly ConcurrentDictionary<string, ScriptedChatClient> _clients = new(StringComparer.Ordinal);

    public string Name => "scripted";

    public string? DefaultModel => defaultModel;

    /// <summary>What its list holds; null: the list cannot be fetched.</summary>
    public IReadOnlyList<string>? Models { get; set; } = [];

    /// <summary>How often the list was asked for.</summary>
    public int Listed { get; private set; }

    public ScriptedChatClient this[string model] => _clients.GetOrAdd(model, static _ => new());

    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        Listed++;
        return Models is { } models ? Task.FromResult(models) : Task.FromException<IReadOnlyList<string>>(new HttpRequestException("The list cannot be fetched."));
    }

    public Task<bool> ServesAsync(string model, CancellationToken cancellationToken) => Task.FromResult(Models?.Contains(model) == true);

    public IChatClient Open(string model) => this[model];
}
