using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ChatSphere.AI.Chat;

/// <summary>Something small that the system itself asks a language model: what a follow-up means, what was said so far, in which mood a text is.</summary>
public sealed record SideQuestion
{
    /// <summary>For logs and accounts: <c>search</c>, <c>summary</c>, <c>memory</c>, <c>help</c>.</summary>
    public required string Purpose { get; init; }

    /// <summary>Whose keys and allowances count.</summary>
    public Guid? AskerId { get; init; }

    public Guid? BotId { get; init; }

    /// <summary>Null: the default model.</summary>
    public string? Model { get; init; }

    public IReadOnlyList<string> Fallback { get; init; } = [];

    public required string System { get; init; }

    public required string Text { get; init; }

    public int MaxTokens { get; init; } = 300;

    /// <summary>For all models together.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(10);
}

/// <param name="Estimated">The model reported no usage.</param>
public sealed record SideAnswer(string Text, string Model, int InputTokens, int OutputTokens, bool Estimated);

/// <summary>
/// Asks side questions: within a time, of the models of the chain in turn, each once, and never of <c>extractive</c>. No answer is an answer: whoever asks can do without. The one
/// place where such calls are made, so that whoever counts what they cost counts here.
/// </summary>
public sealed partial class SideQuestions(ModelCatalogue catalogue, ModelCircuits circuits, IOptions<AiOptions> options, TokenRatios ratios, TimeProvider time, ILogger<SideQuestions> logger, ISideGate? gate = null)
{
    private const int MaxCharacters = 40_000;

    /// <summary>Whether there is a language model for a bot that uses this one.</summary>
    public bool CanAsk(string? model) => catalogue.HasLanguageModel && Chain(model, []).Any();

    /// <summary>Null: none is connected, none could, or the time is over.</summary>
    public async Task<SideAnswer?> AskAsync(SideQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (!catalogue.HasLanguageModel)
        {
            return null;
        }

        using var limit = new CancellationTokenSource(question.Limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        foreach (var id in Chain(question.Model, question.Fallback))
        {
            if (limit.IsCancellationRequested)
            {
                break;
            }

            if (catalogue.Open(id).OrderBy(circuits.IllnessOf).FirstOrDefault() is not { } model)
            {
                continue;
            }

            using var pass = circuits.TryEnter(model);
            if (pass is null)
            {
                continue;
            }

            var call = Guid.CreateVersion7(time.GetUtcNow());
            if (gate is not null && !await gate.TryEnterAsync(call, question, id, TokensOf(question), cancellationToken))
            {
                continue;
            }

            SideAnswer? answer = null;
            try
            {
                answer = await AskAsync(model, pass, question, linked.Token, cancellationToken);
            }
            finally
            {
                await (gate?.LeaveAsync(call, answer) ?? Task.CompletedTask);
            }

            if (answer is not null)
            {
                return answer;
            }
        }

        return null;
    }

    private async Task<SideAnswer?> AskAsync(ChatModel model, ModelCircuits.Pass pass, SideQuestion question, CancellationToken limit, CancellationToken cancelled)
    {
        List<ChatMessage> messages = [new(ChatRole.System, question.System), new(ChatRole.User, question.Text)];
        var chat = new ChatOptions { ModelId = model.Id, MaxOutputTokens = question.MaxTokens, Temperature = 0 };
        var text = new System.Text.StringBuilder();
        var clean = new CleanText();
        await using var stream = new ModelStream(model, messages, chat, options.Value, time, time.GetTimestamp() + (long)(question.Limit.TotalSeconds * time.TimestampFrequency), limit);
        try
        {
            while (text.Length < MaxCharacters)
            {
                var (update, fault) = await stream.NextAsync();
                if (fault is not null)
                {
                    if (fault.Counts)
                    {
                        pass.Failed();
                    }

                    LogFailed(logger, question.Purpose, model.Id, fault.Code);
                    return null;
                }

                if (update is null)
                {
                    break;
                }

                text.Append(clean.Push(update.Text));
            }
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            // Slow for this is not down.
            LogFailed(logger, question.Purpose, model.Id, AnswerCodes.AnswerTimeout);
            return null;
        }

        text.Append(clean.Finish());
        var answer = text.ToString().Trim();
        if (answer.Length == 0)
        {
            return null;
        }

        pass.FirstToken();
        pass.Completed();
        var estimated = messages.Sum(m => TokenEstimate.Of(m.Text) + TokenEstimate.PerMessage);
        if (stream.Usage is { InputTokenCount: { } input, OutputTokenCount: { } output })
        {
            ratios.Observe(model.Id, estimated, input);
            return new(answer, model.Id, (int)Math.Clamp(input, 0, 100_000_000), (int)Math.Clamp(output, 0, 100_000_000), Estimated: false);
        }

        return new(answer, model.Id, estimated, TokenEstimate.Of(answer), Estimated: true);
    }

    private static int TokensOf(SideQuestion question) => TokenEstimate.Of(question.System) + TokenEstimate.Of(question.Text) + (2 * TokenEstimate.PerMessage);

    private IEnumerable<string> Chain(string? model, IReadOnlyList<string> fallback) => catalogue.ChainFor(model, fallback).Where(id => id != ModelCatalogue.Extractive && catalogue.InfoOf(id).IsEnabled).Take(3);

    [LoggerMessage(Level = LogLevel.Information, Message = "A side question ({Purpose}) got no answer from {Model}: {Code}")]
    private static partial void LogFailed(ILogger logger, string purpose, string model, string code);
}
