using System.Globalization;
using System.Text;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Budgets;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Budgets;

/// <summary>Sums of what was used. From and to are days of UTC, both counted; not given, they are the first of this month and today.</summary>
internal static class UsageReports
{
    private const int MaxRows = 1_000;
    private const int MaxDays = 400;

    private static readonly string[] Columns = ["key", "name", "answers", "input_tokens", "output_tokens", "cost", "currency", "without_price"];

    private sealed record Sums(string Key, long Answers, long InputTokens, long OutputTokens, decimal Cost, long Unpriced);

    private enum Whose
    {
        All,
        Account,
        Bot,
    }

    public static async Task<IResult> MineAsync(
        CurrentUser user, ChatSphereDb db, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken, DateOnly? from = null, DateOnly? to = null, string by = "day") =>
        Find(by) is { } wanted and not UsageBy.Account
            ? await ReportAsync(Whose.Account, user.AccountId, user.AccountId, from, to, wanted, db, costs, time, cancellationToken)
            : Problems.Invalid("by", "day, model or bot.");

    public static async Task<IResult> OfBotAsync(
        Guid botId, CurrentUser user, ChatSphereDb db, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken, DateOnly? from = null, DateOnly? to = null, string by = "day")
    {
        if (!await db.Bots.OwnedBy(user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        // Who asks is not the owner's to know.
        return Find(by) is { } wanted and (UsageBy.Day or UsageBy.Model)
            ? await ReportAsync(Whose.Bot, botId, user.AccountId, from, to, wanted, db, costs, time, cancellationToken)
            : Problems.Invalid("by", "day or model.");
    }

    /// <param name="format"><c>json</c> or <c>csv</c>.</param>
    public static async Task<IResult> OfAllAsync(
        CurrentUser user, ChatSphereDb db, ModelCosts costs, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken, DateOnly? from = null, DateOnly? to = null, string by = "account",
        string format = "json")
    {
        if (format is not ("json" or "csv"))
        {
            return Problems.Invalid("format", "Ask for json or csv.");
        }

        if (Find(by) is not { } wanted)
        {
            return Problems.Invalid("by", "account, bot, model or day.");
        }

        var result = await ReportAsync(Whose.All, Guid.Empty, null, from, to, wanted, db, costs, time, cancellationToken);
        if (format == "json" || result is not Ok<UsageReportResponse> { Value: { } report })
        {
            return result;
        }

        audit.Record(AuditActions.UsageExported, details: new { report.From, report.To, report.By });
        await db.SaveChangesAsync(cancellationToken);
        var csv = new StringBuilder().AppendJoin(',', Columns).Append("\r\n");
        foreach (var row in report.Rows)
        {
            csv.AppendJoin(',', new[]
            {
                row.Key, row.Name, Number(row.Answers), Number(row.InputTokens), Number(row.OutputTokens), row.Cost.ToString("0.########", CultureInfo.InvariantCulture), report.Currency, Number(row.Unpriced),
            }.Select(CsvCell.Of)).Append("\r\n");
        }

        return TypedResults.File(Encoding.UTF8.GetBytes(csv.ToString()), "text/csv; charset=utf-8", string.Create(CultureInfo.InvariantCulture, $"usage-{report.From:yyyyMMdd}-{report.To:yyyyMMdd}.csv"));
    }

    private static UsageBy? Find(string by) => by switch { "day" => UsageBy.Day, "model" => UsageBy.Model, "bot" => UsageBy.Bot, "account" => UsageBy.Account, _ => null };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <param name="reader">Names of bots that this account may not see stay unsaid; null: all are said.</param>
    private static async Task<IResult> ReportAsync(
        Whose whose, Guid id, Guid? reader, DateOnly? from, DateOnly? to, UsageBy by, ChatSphereDb db, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var last = to ?? (from > today ? from.Value : today);
        var first = from ?? new DateOnly(last.Year, last.Month, 1);
        if (last < first || last.DayNumber - first.DayNumber >= MaxDays || last == DateOnly.MaxValue)
        {
            return Problems.Invalid("to", $"From one day to the same or a later one, at most {MaxDays} days.");
        }

        var (begin, end) = (new DateTimeOffset(first, TimeOnly.MinValue, TimeSpan.Zero), new DateTimeOffset(last.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero));
        var (whoseName, byName) = (whose.ToString(), by.ToString());
        var sums = await db.Database.SqlQuery<Sums>($"""
            select case {byName} when 'Day' then to_char(e.at at time zone 'UTC', 'YYYY-MM-DD') when 'Model' then coalesce(e.model, '') when 'Bot' then coalesce(e.bot_id::text, '') else coalesce(e.account_id::text, '') end as "Key",
                count(*) as "Answers", sum(e.input_tokens)::bigint as "InputTokens", sum(e.output_tokens)::bigint as "OutputTokens", coalesce(sum(e.cost), 0) as "Cost", count(*) filter (where e.cost is null) as "Unpriced"
            from ai.usage_entries e
            where e.at >= {begin} and e.at < {end} and case {whoseName} when 'Account' then e.account_id = {id} when 'Bot' then e.bot_id = {id} else true end
            group by 1 order by case when {byName} = 'Day' then 0 else -coalesce(sum(e.cost), 0) end, case when {byName} = 'Day' then 0 else -sum(e.input_tokens + e.output_tokens) end, 1 limit {MaxRows}
            """).ToListAsync(cancellationToken);
        var rows = sums.ConvertAll(s => new UsageRow(s.Key, null, s.Answers, s.InputTokens, s.OutputTokens, s.Cost, s.Unpriced));
        if (by is UsageBy.Bot or UsageBy.Account)
        {
            rows = await NamedAsync(rows, by, reader, db, cancellationToken);
        }

        var total = new UsageRow("", null, rows.Sum(r => r.Answers), rows.Sum(r => r.InputTokens), rows.Sum(r => r.OutputTokens), rows.Sum(r => r.Cost), rows.Sum(r => r.Unpriced));
        return TypedResults.Ok(new UsageReportResponse(first, last, by, costs.Currency, rows, total));
    }

    private static async Task<List<UsageRow>> NamedAsync(List<UsageRow> rows, UsageBy by, Guid? reader, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var ids = rows.Where(r => r.Key.Length > 0).Select(r => Guid.Parse(r.Key)).ToList();
        var names = by == UsageBy.Bot
            ? await (reader is { } account ? db.Bots.VisibleTo(db, account) : db.Bots).Where(b => ids.Contains(b.Id)).Select(b => new { b.Id, b.Name }).ToDictionaryAsync(b => b.Id.ToString(), b => b.Name, cancellationToken)
            : await db.Users.Where(a => ids.Contains(a.Id)).Select(a => new { a.Id, Name = a.DisplayName }).ToDictionaryAsync(a => a.Id.ToString(), a => a.Name, cancellationToken);
        return rows.ConvertAll(r => r with { Name = names.GetValueOrDefault(r.Key) });
    }
}
