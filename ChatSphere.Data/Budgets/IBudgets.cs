namespace ChatSphere.Data.Budgets;

/// <summary>What an answer may cost at most, as far as that can be known before it is asked for.</summary>
/// <param name="Id">The turn's, or one made for it (a version 7 id). Settled by it.</param>
/// <param name="BotId">Null: a model was asked directly.</param>
/// <param name="OutputTokens">As much as the model may write.</param>
/// <param name="Money">At the dearest price of the models that may be asked; 0 where no price is known.</param>
/// <param name="Lasts">Longer than the answer can take; then it counts as abandoned.</param>
public sealed record BudgetClaim(Guid Id, SpendingKind Kind, Guid AccountId, Guid? BotId, string? Model, long InputTokens, long OutputTokens, decimal Money, TimeSpan Lasts)
{
    public long Tokens => InputTokens + OutputTokens;
}

/// <summary>What an answer did cost.</summary>
/// <param name="InputTokens">Null: not known; what was reserved for it counts.</param>
/// <param name="Cost">Null: no price is known; nothing is counted in money.</param>
public sealed record BudgetSpent(string? Model, string? Provider, long? InputTokens, long OutputTokens, decimal? Cost, string? Currency, bool Estimated);

/// <summary>Why there is no room.</summary>
/// <param name="InMoney">The limit is in money, else in tokens.</param>
/// <param name="Spent">And reserved, at the moment of asking.</param>
/// <param name="Resets">When the period ends.</param>
/// <param name="NeverFits">What was asked for is more than the whole budget: waiting does not help.</param>
public sealed record BudgetRefusal(BudgetScope Scope, Guid ScopeId, BudgetPeriod Period, bool InMoney, decimal Limit, decimal Spent, DateTimeOffset Resets, bool NeverFits);

/// <summary>
/// Asked before and told after every call of a model. What it guarantees: what is reserved and spent together never passes a limit by any number of requests at once on
/// any number of nodes, but for what an answer uses beyond its own estimate; each answer is counted once, or not at all when nothing is known of it, also when its node dies.
/// </summary>
public interface IBudgets
{
    /// <summary>
    /// Null: there is room, and it is held until <see cref="SettleAsync"/>. In the scope's transaction where there is one, which then decides, and must not be committed
    /// after a refusal. Call it before <see cref="Plans.IUsageGate"/> does, always: they lock rows that others take in that order.
    /// </summary>
    Task<BudgetRefusal?> ReserveAsync(BudgetClaim claim, CancellationToken cancellationToken);

    /// <summary>Counts what was spent and frees the rest. False: somebody settled it before, and nothing happened. In the scope's transaction where there is one.</summary>
    /// <param name="spent">Null: nothing.</param>
    Task<bool> SettleAsync(Guid id, BudgetSpent? spent, CancellationToken cancellationToken);
}
