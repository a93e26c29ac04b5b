using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>How a bot is doing, for those who may edit it: numbers over everybody's conversations, and words from none but the caller's own.</summary>
internal static class BotAnalytics
{
    private const int MostDays = 366;
    private const int MostQuestions = 20;

    public static async Task<Results<Ok<BotAnalyticsResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken, DateOnly? from = null, DateOnly? to = null)
    {
        var last = to ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var first = from ?? last.AddDays(Math.Max(-29, DateOnly.MinValue.DayNumber - last.DayNumber));
        if (last < first || last.DayNumber - first.DayNumber >= MostDays || last == DateOnly.MaxValue)
        {
            return Problems.Invalid("from", $"From one day to the same or a later one, at most {MostDays} days.");
        }

        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var (begin, end) = (Midnight(first), Midnight(last.AddDays(1)));
        var rows = await db.Database.SqlQuery<Row>($"""
            with answers as (
                select m.conversation_id, c.owner_id, (m.created_at at time zone 'UTC')::date as day, m.bot_version, m.state,
                    case when jsonb_typeof(m.citations) = 'array' then jsonb_array_length(m.citations) else 0 end as cited,
                    (m.usage->>'InputTokens')::bigint as input, (m.usage->>'OutputTokens')::bigint as output, (m.usage->>'Cost')::numeric as cost,
                    case when m.state = 'Complete' then (m.usage->>'TotalMilliseconds')::int end as took
                from conversations.conversations c join conversations.messages m on m.conversation_id = c.id
                where c.bot_id = {botId} and m.author = 'Assistant' and m.state <> 'Generating' and m.created_at >= {begin} and m.created_at < {end}
            )
            select grouping(day) = 0 as "IsDay", grouping(bot_version) = 0 as "IsVersion", day as "Day", bot_version as "Version",
                count(distinct conversation_id)::int as "Conversations", count(distinct owner_id)::int as "People", count(*)::int as "Questions",
                (count(*) filter (where state = 'Complete' and cited > 0))::int as "Answered", (count(*) filter (where state = 'Complete' and cited = 0))::int as "WithoutSources",
                (count(*) filter (where state in ('Failed', 'Interrupted')))::int as "Failed", (count(*) filter (where state = 'Stopped'))::int as "Stopped",
                coalesce(sum(input), 0)::bigint as "InputTokens", coalesce(sum(output), 0)::bigint as "OutputTokens", sum(cost) as "Cost",
                (percentile_cont(0.5) within group (order by took))::int as "P50", (percentile_cont(0.95) within group (order by took))::int as "P95"
            from answers group by grouping sets ((), (day), (bot_version))
            """).ToListAsync(cancellationToken);
        var all = rows.Find(r => r is { IsDay: false, IsVersion: false }) ?? new Row();
        var days = rows.Where(r => r.IsDay).ToDictionary(r => r.Day!.Value);
        return TypedResults.Ok(new BotAnalyticsResponse(
            first, last, all.Conversations, all.People, all.Questions, Outcomes(all), all.InputTokens, all.OutputTokens, all.P50, all.P95,
            [.. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(i => Day(first.AddDays(i), days.GetValueOrDefault(first.AddDays(i)) ?? new Row()))],
            [.. rows.Where(r => r.IsVersion).OrderByDescending(r => r.Version ?? 0).Select(r => new BotAnalyticsVersion(r.Version, r.Questions, Outcomes(r), r.P50, r.P95))],
            await UnansweredAsync(db, botId, user.AccountId, begin, end, cancellationToken))
        {
            Cost = all.Cost,
            Ratings = await RatingsAsync(db, botId, begin, end, cancellationToken),
        });
    }

    private static async Task<IReadOnlyList<UnansweredQuestion>> UnansweredAsync(ChatSphereDb db, Guid botId, Guid accountId, DateTimeOffset begin, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var recent = await db.Messages.AsNoTracking()
            .Where(m => m.Author == MessageAuthor.Assistant && m.CreatedAt >= begin && m.CreatedAt < end && db.Conversations.Any(c => c.Id == m.ConversationId && c.BotId == botId && c.OwnerId == accountId)
                && (m.State == MessageState.Complete || m.State == MessageState.Failed || m.State == MessageState.Interrupted))
            .OrderByDescending(m => m.Id).Take(500)
            .Select(m => new { Answer = m, QuestionId = db.Turns.Where(t => t.Id == m.TurnId).Select(t => t.QuestionId).FirstOrDefault() }).ToListAsync(cancellationToken);
        var unanswered = recent.Where(r => r.Answer.State != MessageState.Complete || r.Answer.Citations.Count == 0).Take(MostQuestions).ToList();
        var ids = unanswered.Select(u => u.QuestionId).ToArray();
        var questions = await db.Messages.AsNoTracking().Where(m => ids.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => m.Text, cancellationToken);
        return [.. unanswered.Where(u => questions.ContainsKey(u.QuestionId)).Select(u => new UnansweredQuestion(
            u.Answer.ConversationId, u.Answer.Id, questions[u.QuestionId], u.Answer.State == MessageState.Complete ? "without_sources" : "failed", u.Answer.CreatedAt))];
    }

    private static async Task<BotRatings> RatingsAsync(ChatSphereDb db, Guid botId, DateTimeOffset begin, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var counts = await db.MessageRatings.Where(r => r.BotId == botId && r.RatedAt >= begin && r.RatedAt < end).GroupBy(r => r.Value).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        return new BotRatings(counts.Find(c => c.Key == RatingValue.Up)?.Count ?? 0, counts.Find(c => c.Key == RatingValue.Down)?.Count ?? 0);
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static AnswerOutcomes Outcomes(Row r) => new(r.Answered, r.WithoutSources, r.Failed, r.Stopped);

    private static BotAnalyticsDay Day(DateOnly day, Row r) => new(day, r.Conversations, r.People, r.Questions, Outcomes(r), r.InputTokens, r.OutputTokens, r.P50, r.P95);

    private sealed class Row
    {
        public bool IsDay { get; init; }
        public bool IsVersion { get; init; }
        public DateOnly? Day { get; init; }
        public int? Version { get; init; }
        public int Conversations { get; init; }
        public int People { get; init; }
        public int Questions { get; init; }
        public int Answered { get; init; }
        public int WithoutSources { get; init; }
        public int Failed { get; init; }
        public int Stopped { get; init; }
        public long InputTokens { get; init; }
        public long OutputTokens { get; init; }
        public decimal? Cost { get; init; }
        public int? P50 { get; init; }
        public int? P95 { get; init; }
    }
}
