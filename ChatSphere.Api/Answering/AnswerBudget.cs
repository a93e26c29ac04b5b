using System.Globalization;
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
/// <see cref="AbandonedBudget"/> when its node dies, and where there is no draft by <see cref="UnkeptAnswers"/>.
/// </summary>
internal sealed class AnswerBudget(ChatSphereDb db, IBudgets budgets, ModelCosts costs, IOptions<AiOptions> options)
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

    private async Task<SpendingRefusal?> ReserveAsync(Guid id, SpendingKind kind, Guid askerId, Bot? bot, CostEstimate estimate, CancellationToken cancellationToken)
    {
        var claim = new BudgetClaim(
            id, kind, askerId, bot?.Id, estimate.Model, estimate.InputTokens, estimate.OutputTokens, estimate.Money ?? 0, (options.Value.AnswerTimeout * 2) + TimeSpan.FromMinutes(5));
        return await budgets.ReserveAsync(claim, cancellationToken) is { } refusal
            ? new(refusal, refusal.Scope == BudgetScope.Account || (refusal.Scope == BudgetScope.Bot && bot?.OwnerId == askerId), refusal.InMoney ? estimate.Money ?? 0 : claim.Tokens, costs.Currency)
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
            var whose = Budget.Scope switch
            {
                BudgetScope.Bot => IsTheirs ? "The budget that you set for this bot" : "The budget that the bot’s owner set for it",
                BudgetScope.Group => "The budget that one of your groups has together",
                _ => "Your budget",
            };
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

    private BudgetSpent? SpentOn(EndedAnswer ended, string text) => costs.SpentOn(
        ended.Draft.Route.Steps, ended.Finished, ended.HasWorked ? costs.FirstOf(ended.Draft.Model, ended.Draft.Fallback) : null, text.AsSpan(Math.Min(text.Length, ended.Draft.Shown.Length)));
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
