using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Budgets;

/// <summary>What a row of a report stands for.</summary>
[JsonConverter(typeof(SnakeCaseEnum<UsageBy>))]
public enum UsageBy
{
    Day,
    Model,
    Bot,
    Account,
}

/// <param name="Key">The day, the model's id, or the id of bot or account; empty: none, or it is gone.</param>
/// <param name="Name">Of the bot or account, where the caller may see it.</param>
/// <param name="Answers">Answers and other calls.</param>
/// <param name="Cost">Of those whose price is known.</param>
/// <param name="Unpriced">How many have no known price.</param>
public sealed record UsageRow(string Key, string? Name, long Answers, long InputTokens, long OutputTokens, decimal Cost, long Unpriced);

/// <param name="To">The last day that counts.</param>
/// <param name="Rows">Days in order, else what used the most first; at most 1,000.</param>
public sealed record UsageReportResponse(DateOnly From, DateOnly To, UsageBy By, string Currency, IReadOnlyList<UsageRow> Rows, UsageRow Total);
