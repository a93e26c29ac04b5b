using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Budgets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Api.Answering;

/// <summary>
/// Room in the budgets for an answer, before anything of it is stored or asked (docs/budgets.md). Settled by <see cref="SettleBudget"/> when the answer ends, by
/// <see cref="AbandonedBudget"/> when its node dies, and where there is no draft by <see cref="WatchAsync"/>.
/// </summary>
internal sealed class AnswerBudget(ChatSphereDb db, IBudgets budgets, ModelCosts costs, IServiceScopeFactory scopes, IOptions<AiOptions> options)
{
    /// <summary>The platform's rules around every prompt, with some to spare.</summary>
    private const int Around = 400;

    /// <summary>The attributes of a source.</summary>
    private const int AroundPassage = 40;
    private const int Passages = 8;
    private const int PastMessages = 40;

    /// <summary>For a bot's answer. Null: there is room. In the caller's transaction where there is one; call it before the usage gate.</summary>
    /// <param name="id">The turn's or draft's.</param>
    /// <param name="model">Asked in place of the bot's.</param>
    /// <param name="shown">What there is of the answer already, where it goes on.</param>
    /// <param name="past">What was said before where no conversation holds it, in tokens.</param>
    public async Task<SpendingRefusal?> ReserveAsync(
        Guid id, SpendingKind kind, Guid askerId, Bot bot, string question, string? model, Guid? conversationId, CancellationToken cancellationToken, string shown = "", long past = 0)
    {
        var first = string.IsNullOrEmpty(model) ? bot.Model : model;
        var kept = TokenEstimate.Of(bot.Instructions) + TokenEstimate.Of(question) + TokenEstimate.Of(shown);
        long prompt = kept + Around + past + await PastAndPassagesAsync(bot.Id, conversationId, cancellationToken);

        // The prompt is cut to this; but what the owner and the asker wrote stays whole, and an eighth of the room is kept for sources.
        var most = costs.PromptTokensOf(first);
        prompt = Math.Min(prompt, Math.Max(most, kept + Around + (most / 8)));
        return await ReserveAsync(id, kind, askerId, bot, costs.Estimate(first, bot.Fallback, prompt), cancellationToken);
    }

    /// <summary>For a call without a bot.</summary>
    /// <param name="inputTokens">By <see cref="TokenEstimate"/>.</param>
    /// <param name="outputTokens">Null: as much as the deployment allows.</param>
    public Task<SpendingRefusal?> ReserveAsync(Guid id, SpendingKind kind, Guid askerId, string? model, long inputTokens, long? outputTokens, CancellationToken cancellationToken) =>
        ReserveAsync(id, kind, askerId, null, costs.Estimate(model, null, inputTokens, outputTokens), cancellationToken);

    /// <summary>Of messages as they are sent to a model.</summary>
    public static long TokensOf(IEnumerable<ChatMessage> messages) => messages.Sum(m =>
        (long)TokenEstimate.PerMessage + TokenEstimate.Of(m.Text) + (TokenEstimate.PerImage * (long)m.Contents.OfType<DataContent>().Count())
        + m.Contents.OfType<FunctionResultContent>().Sum(r => (long)TokenEstimate.Of(r.Result?.ToString() ?? "")));

    /// <summary>For a call that only reads, and of this model alone.</summary>
    public Task<SpendingRefusal?> ReserveForAsync(Guid id, SpendingKind kind, Guid askerId, string model, long inputTokens, CancellationToken cancellationToken) =>
        ReserveAsync(id, kind, askerId, null, costs.EstimateOf(model, inputTokens, 0), cancellationToken);

    /// <summary>Counts a call that only reads.</summary>
    /// <param name="inputTokens">Null: it failed.</param>
    public Task<bool> SettleAsync(Guid id, string model, long? inputTokens, bool estimated, CancellationToken cancellationToken) =>
        budgets.SettleAsync(id, inputTokens is null ? null : costs.Spent(model, inputTokens, 0, estimated), cancellationToken);

    /// <summary>Passes the events of an answer without a draft on, and settles it when they end, also when the caller goes away.</summary>
    public async IAsyncEnumerable<AnswerEvent> WatchAsync(Guid id, string model, IAsyncEnumerable<AnswerEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        AnswerFinished? finished = null;
        var text = new StringBuilder();
        try
        {
            await foreach (var e in events.WithCancellation(cancellationToken))
            {
                finished = e as AnswerFinished ?? finished;
                text.Append((e as AnswerDelta)?.Text);
                yield return e;
            }
        }
        finally
        {
            var spent = finished is not null ? costs.Spent(finished.Model, finished.InputTokens, finished.OutputTokens, finished.Estimated)
                : text.Length > 0 ? costs.Spent(model, null, TokenEstimate.Of(text.ToString()), estimated: true)
                : null;

            // The request's own scope may be gone with the request.
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IBudgets>().SettleAsync(id, spent, CancellationToken.None);
        }
    }

    private async Task<SpendingRefusal?> ReserveAsync(Guid id, SpendingKind kind, Guid askerId, Bot? bot, CostEstimate estimate, CancellationToken cancellationToken)
    {
        var claim = new BudgetClaim(
            id, kind, askerId, bot?.Id, estimate.Model, estimate.InputTokens, estimate.OutputTokens, estimate.Money ?? 0, (options.Value.AnswerTimeout * 2) + TimeSpan.FromMinutes(5));
        return await budgets.ReserveAsync(claim, cancellationToken) is { } refusal
            ? new(refusal, refusal.Scope == BudgetScope.Account || bot?.OwnerId == askerId, refusal.InMoney ? estimate.Money ?? 0 : claim.Tokens, costs.Currency)
            : null;
    }

    /// <summary>Roughly how many tokens the past of the conversation and the bot's passages take: sealed text is a third longer than it reads.</summary>
    private async Task<long> PastAndPassagesAsync(Guid botId, Guid? conversationId, CancellationToken cancellationToken)
    {
        var conversation = conversationId ?? Guid.Empty;
        return (await db.Database.SqlQuery<long>($"""
            select coalesce((select sum(octet_length(m.text)) from (select text from conversations.messages where conversation_id = {conversation} order by seq desc limit {PastMessages}) m), 0) / 4
                + coalesce((select sum((c."end" - c.start) / 4 + {AroundPassage}) from (select start, "end" from knowledge.chunks where bot_id = {botId} limit {Passages}) c), 0) as "Value"
            """).ToListAsync(cancellationToken))[0];
    }
}

/// <param name="IsTheirs">The budget is the asker's own, or of a bot of theirs: its numbers are theirs to see.</param>
/// <param name="Asked">How much this would have taken.</param>
internal sealed record SpendingRefusal(BudgetRefusal Budget, bool IsTheirs, decimal Asked, string Currency)
{
    public ProblemHttpResult ToProblem()
    {
        var extensions = new Dictionary<string, object?>
        {
            ["code"] = ErrorCodes.BudgetExceeded,
            ["scope"] = Budget.Scope.ToString().ToLowerInvariant(),
            ["period"] = Budget.Period.ToString().ToLowerInvariant(),
            ["unit"] = Budget.InMoney ? Currency : "tokens",
            ["resets"] = Budget.Resets,
        };
        if (IsTheirs)
        {
            (extensions["limit"], extensions["spent"]) = (Budget.Limit, Budget.Spent);
        }

        return TypedResults.Problem(
            Sentence, statusCode: Budget.NeverFits ? StatusCodes.Status402PaymentRequired : StatusCodes.Status429TooManyRequests, type: Problems.TypeOf(ErrorCodes.BudgetExceeded), extensions: extensions);
    }

    public string Sentence
    {
        get
        {
            var whose = Budget.Scope == BudgetScope.Bot ? IsTheirs ? "The budget that you set for this bot" : "The budget that the bot’s owner set for it" : "Your budget";
            var span = Budget.Period == BudgetPeriod.Day ? "for today" : "for this month";
            var numbers = IsTheirs ? $" of {Amount(Budget.Limit)} has {Amount(Math.Max(0, Budget.Limit - Budget.Spent))} left, and this may take {Amount(Asked)}" : " has too little left for this";
            return Budget.NeverFits
                ? $"{whose} {span}{(IsTheirs ? $" is {Amount(Budget.Limit)}, and this may take {Amount(Asked)}" : " is smaller than what this may take")}. Ask for less, or have the budget raised."
                : string.Create(CultureInfo.InvariantCulture, $"{whose} {span}{numbers}. It begins anew on {Budget.Resets:d MMMM} at {Budget.Resets:HH:mm} UTC.");
        }
    }

    private string Amount(decimal amount) => Budget.InMoney
        ? string.Create(CultureInfo.InvariantCulture, $"{amount:0.00####} {Currency}")
        : string.Create(CultureInfo.InvariantCulture, $"{amount:N0} tokens");
}

internal static class Spending
{
    /// <summary>What counts of an answer: what was done without a language model costs nothing.</summary>
    public static BudgetSpent Spent(this ModelCosts costs, string model, long? inputTokens, long outputTokens, bool estimated)
    {
        if (model == ModelCatalogue.Extractive)
        {
            return new(model, null, 0, 0, 0, costs.Currency, estimated);
        }

        var cost = inputTokens is { } input ? costs.CostOf(model, input, outputTokens) : costs.CostOf(model, 0, outputTokens);
        return new(model, null, inputTokens, outputTokens, cost, cost is null ? null : costs.Currency, estimated);
    }
}

/// <summary>Settles what an answer cost with the transaction that keeps it, and writes the cost beside it.</summary>
internal sealed class SettleBudget(IBudgets budgets, ModelCosts costs) : IFinishAnswer
{
    public async Task FinishAsync(ChatSphereDb db, EndedAnswer ended, CancellationToken cancellationToken)
    {
        var spent = SpentOn(ended, ended.Answer?.Text ?? "");
        if (ended.Answer?.Usage is { } usage)
        {
            (usage.Cost, usage.Currency) = spent is null ? (0, costs.Currency) : (spent.Cost, spent.Currency);
        }

        await budgets.SettleAsync(ended.Draft.Id, spent, cancellationToken);
    }

    /// <summary>Where there is no message to keep.</summary>
    public Task SettleAsync(EndedAnswer ended, string text, CancellationToken cancellationToken) => budgets.SettleAsync(ended.Draft.Id, SpentOn(ended, text), cancellationToken);

    private BudgetSpent? SpentOn(EndedAnswer ended, string text)
    {
        // By model, where it is known which were asked: each has its price, and what went by a key of the asker's own cost the deployment nothing.
        var asked = ended.Draft.Route.Steps.Where(s => s.InputTokens + s.OutputTokens > 0 && s.Model != ModelCatalogue.Extractive).ToList();
        if (asked.Count > 0)
        {
            var ours = asked.Where(s => !s.OwnKey).ToList();
            var known = ours.Select(s => costs.CostOf(s.Model, s.InputTokens, s.OutputTokens)).OfType<decimal>().ToList();
            decimal? cost = known.Count > 0 || ours.Count == 0 ? known.Sum() : null;
            return new(
                ended.Finished?.Model ?? asked[^1].Model, asked[^1].Connection, ours.Sum(s => (long)s.InputTokens), ours.Sum(s => (long)s.OutputTokens), cost, cost is null ? null : costs.Currency,
                ended.Finished?.Estimated ?? true);
        }

        if (ended.Finished is { } finished)
        {
            return costs.Spent(finished.Model, finished.InputTokens, finished.OutputTokens, finished.Estimated);
        }

        // No word of how much: what can be seen counts, without what was there before.
        return ended.HasWorked ? costs.Spent(costs.FirstOf(ended.Draft.Model, ended.Draft.Fallback), null, TokenEstimate.Of(text.AsSpan(Math.Min(text.Length, ended.Draft.Shown.Length))), estimated: true) : null;
    }
}

/// <summary>Settles for answers whose node died: by the text that was kept, for the provider's word will not come.</summary>
internal sealed class AbandonedBudget(ModelCosts costs)
{
    public async Task SettleAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid id, string text, CancellationToken cancellationToken)
    {
        if (await BudgetLedger.FindAsync(connection, transaction, id, cancellationToken) is { } reserved)
        {
            var spent = text.Length == 0 ? null : costs.Spent(reserved.Model ?? "", reserved.InputTokens, TokenEstimate.Of(text), estimated: true);
            await BudgetLedger.SettleAsync(connection, transaction, id, spent, cancellationToken);
        }
    }
}
