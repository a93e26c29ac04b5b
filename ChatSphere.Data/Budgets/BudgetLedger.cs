using Npgsql;
using NpgsqlTypes;

namespace ChatSphere.Data.Budgets;

/// <summary>
/// The one place where counters change. Every statement locks the counters that it needs in the order of their key, and decides by what is in them then; a
/// reservation's row is the right to settle it.
/// </summary>
public static class BudgetLedger
{
    private const int MaxAttempts = 5;

    // One statement: which budgets hold, their counters under lock, whether all of them have room, and only then the reservation in all of them. "locked" gives the rows as
    // they are once the lock is had, not as they were when the statement began. Where a counter is missing nothing is locked and nothing happens: the caller makes it first.
    private const string ReserveSql = """
        with grouped as (
            select distinct m.group_id from accounts.group_members m join ai.budgets x on x.scope = 'Group' and x.scope_id = m.group_id
            where m.account_id = $1 and (x.tokens is not null or x.money is not null)),
        wanted as (
            select s.scope, s.scope_id, p.period, p.starts, b.tokens, b.money
            from (select 'Account', $1 union all select 'Bot', $2 union all select 'Group', group_id from grouped) as s(scope, scope_id)
            cross join (values ('Day', $3), ('Month', $4)) as p(period, starts)
            cross join lateral (
                select x.tokens, x.money from ai.budgets x
                where x.scope = s.scope and x.period = p.period and (x.scope_id = s.scope_id or (x.scope_id = '00000000-0000-0000-0000-000000000000' and s.scope = 'Account'))
                order by x.scope_id desc limit 1) b
            where s.scope_id is not null and $7 + $8 > 0 and (b.tokens is not null or b.money is not null)),
        missing as (
            select w.scope, w.scope_id, w.period, w.starts from wanted w
            where not exists (select 1 from ai.budget_counters c where (c.scope, c.scope_id, c.period, c.starts) = (w.scope, w.scope_id, w.period, w.starts))),
        locked as materialized (
            select c.scope, c.scope_id, c.period, c.starts, c.spent_tokens + c.reserved_tokens as tokens, c.spent_money + c.reserved_money as money, w.tokens as most_tokens, w.money as most_money
            from ai.budget_counters c join wanted w on (c.scope, c.scope_id, c.period, c.starts) = (w.scope, w.scope_id, w.period, w.starts)
            where not exists (select 1 from missing)
            order by c.scope, c.scope_id, c.period for update of c),
        full_ones as (select * from locked where tokens + $7 + $8 > most_tokens or money + $9 > most_money),
        verdict as (select not exists (select 1 from missing) and not exists (select 1 from full_ones) as ok),
        held as (
            update ai.budget_counters c set reserved_tokens = c.reserved_tokens + $7 + $8, reserved_money = c.reserved_money + $9
            from locked l where (c.scope, c.scope_id, c.period, c.starts) = (l.scope, l.scope_id, l.period, l.starts) and (select ok from verdict)),
        kept as (
            insert into ai.budget_reservations (id, kind, account_id, bot_id, model, input_tokens, output_tokens, money, at, expires_at, holds, group_ids)
            select $5, $6, $1, $2, $10, $7, $8, $9, $11, $12, array(select l.scope || case l.scope when 'Group' then '/' || l.scope_id else '' end || '/' || l.period from locked l),
                array(select group_id from grouped)
            where (select ok from verdict))
        select 'ok' as why, null::text, null::uuid, null::text, null::date, null::numeric, null::numeric, null::numeric, null::numeric from verdict where ok
        union all select 'missing', scope, scope_id, period, starts, null, null, null, null from missing
        union all (select 'full', scope, scope_id, period, starts, tokens, money, most_tokens, most_money from full_ones order by scope, scope_id, period)
        """;

    private const string SettleSql = """
        with gone as (delete from ai.budget_reservations where id = $1 returning *),
        entry as (
            insert into ai.usage_entries (at, id, kind, account_id, bot_id, model, provider, input_tokens, output_tokens, cost, currency, estimated)
            select g.at, g.id, g.kind, g.account_id, g.bot_id, coalesce($3, g.model), $4, coalesce($5, g.input_tokens), $6, $7, $8, $9 from gone g where $2),
        due as (
            select k.scope, k.scope_id, k.period, k.starts,
                case when $2 then coalesce($5, g.input_tokens) + $6 else 0 end as tokens, case when $2 then coalesce($7, 0) else 0 end as money,
                case when k.name || '/' || k.period = any (g.holds) then g.input_tokens + g.output_tokens else 0 end as held_tokens,
                case when k.name || '/' || k.period = any (g.holds) then g.money else 0 end as held_money
            from gone g cross join lateral (
                select s.scope, s.scope_id, s.name, p.period, p.starts
                from (select 'Account', g.account_id, 'Account' union all select 'Bot', g.bot_id, 'Bot' union all select 'Group', x, 'Group/' || x from unnest(g.group_ids) x) as s(scope, scope_id, name)
                cross join (values ('Day', (g.at at time zone 'UTC')::date), ('Month', date_trunc('month', g.at at time zone 'UTC')::date)) as p(period, starts)) k
            where k.scope_id is not null),
        counted as (
            insert into ai.budget_counters as c (scope, scope_id, period, starts, spent_tokens, spent_money, reserved_tokens, reserved_money)
            select scope, scope_id, period, starts, tokens, money, 0, 0 from due where tokens > 0 or money > 0 or held_tokens > 0 order by scope, scope_id, period
            on conflict (scope, scope_id, period, starts) do update set
                spent_tokens = c.spent_tokens + excluded.spent_tokens, spent_money = c.spent_money + excluded.spent_money,
                reserved_tokens = greatest(0, c.reserved_tokens - (select d.held_tokens from due d where (d.scope, d.scope_id, d.period) = (c.scope, c.scope_id, c.period))),
                reserved_money = greatest(0, c.reserved_money - (select d.held_money from due d where (d.scope, d.scope_id, d.period) = (c.scope, c.scope_id, c.period))))
        select count(*) from gone
        """;

    public static async Task<BudgetRefusal?> ReserveAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, BudgetClaim claim, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentOutOfRangeException.ThrowIfNegative(claim.InputTokens);
        ArgumentOutOfRangeException.ThrowIfNegative(claim.OutputTokens);
        ArgumentOutOfRangeException.ThrowIfNegative(claim.Money);
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        for (var attempt = 1; ; attempt++)
        {
            var missing = new List<(string Scope, Guid Id, string Period, DateOnly Starts)>();
            await using (var reserve = new NpgsqlCommand(ReserveSql, connection, transaction))
            {
                Add(reserve, NpgsqlDbType.Uuid, claim.AccountId);
                Add(reserve, NpgsqlDbType.Uuid, claim.BotId);
                Add(reserve, NpgsqlDbType.Date, day);
                Add(reserve, NpgsqlDbType.Date, BudgetPeriods.StartOf(BudgetPeriod.Month, day));
                Add(reserve, NpgsqlDbType.Uuid, claim.Id);
                Add(reserve, NpgsqlDbType.Text, claim.Kind.ToString());
                Add(reserve, NpgsqlDbType.Bigint, claim.InputTokens);
                Add(reserve, NpgsqlDbType.Bigint, claim.OutputTokens);
                Add(reserve, NpgsqlDbType.Numeric, claim.Money);
                Add(reserve, NpgsqlDbType.Text, Cut(claim.Model));
                Add(reserve, NpgsqlDbType.TimestampTz, now.ToUniversalTime());
                Add(reserve, NpgsqlDbType.TimestampTz, (now + claim.Lasts).ToUniversalTime());
                await using var reader = await reserve.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    switch (reader.GetString(0))
                    {
                        case "ok":
                            return null;
                        case "missing":
                            missing.Add((reader.GetString(1), reader.GetGuid(2), reader.GetString(3), reader.GetFieldValue<DateOnly>(4)));
                            break;
                        default:
                            return Refusal(reader, claim);
                    }
                }
            }

            if (missing.Count == 0 || attempt == MaxAttempts)
            {
                throw new InvalidOperationException("The counters of a budget could neither be found nor made.");
            }

            await using var make = new NpgsqlCommand("""
                insert into ai.budget_counters (scope, scope_id, period, starts, spent_tokens, spent_money, reserved_tokens, reserved_money)
                select m.scope, m.scope_id, m.period, m.starts, 0, 0, 0, 0 from unnest($1, $2, $3, $4) as m(scope, scope_id, period, starts) order by 1, 2, 3 on conflict do nothing
                """, connection, transaction);
            Add(make, NpgsqlDbType.Array | NpgsqlDbType.Text, missing.Select(m => m.Scope).ToArray());
            Add(make, NpgsqlDbType.Array | NpgsqlDbType.Uuid, missing.Select(m => m.Id).ToArray());
            Add(make, NpgsqlDbType.Array | NpgsqlDbType.Text, missing.Select(m => m.Period).ToArray());
            Add(make, NpgsqlDbType.Array | NpgsqlDbType.Date, missing.Select(m => m.Starts).ToArray());
            await make.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>As <see cref="IBudgets.SettleAsync"/>.</summary>
    public static async Task<bool> SettleAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, Guid id, BudgetSpent? spent, CancellationToken cancellationToken)
    {
        await using var settle = new NpgsqlCommand(SettleSql, connection, transaction);
        Add(settle, NpgsqlDbType.Uuid, id);
        Add(settle, NpgsqlDbType.Boolean, spent is not null);
        Add(settle, NpgsqlDbType.Text, Cut(spent?.Model));
        Add(settle, NpgsqlDbType.Text, Cut(spent?.Provider, 80));
        Add(settle, NpgsqlDbType.Bigint, spent?.InputTokens is { } input ? Math.Max(0, input) : null);
        Add(settle, NpgsqlDbType.Bigint, Math.Max(0, spent?.OutputTokens ?? 0));
        Add(settle, NpgsqlDbType.Numeric, spent?.Cost is { } cost ? Math.Clamp(cost, 0, 1_000_000_000m) : null);
        Add(settle, NpgsqlDbType.Text, spent?.Currency);
        Add(settle, NpgsqlDbType.Boolean, spent?.Estimated ?? true);
        return (long)(await settle.ExecuteScalarAsync(cancellationToken))! > 0;
    }

    /// <summary>What was reserved for an answer that nobody has settled yet; its row is locked until the transaction ends. Null: it is settled.</summary>
    public static async Task<(string? Model, long InputTokens)?> FindAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("select model, input_tokens from ai.budget_reservations where id = $1 for update", connection, transaction);
        Add(find, NpgsqlDbType.Uuid, id);
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetInt64(1)) : null;
    }

    private static BudgetRefusal Refusal(NpgsqlDataReader row, BudgetClaim claim)
    {
        var (tokens, money) = (row.GetDecimal(5), row.GetDecimal(6));
        decimal? mostTokens = row.IsDBNull(7) ? null : row.GetDecimal(7);
        decimal? mostMoney = row.IsDBNull(8) ? null : row.GetDecimal(8);
        var inMoney = !(tokens + claim.Tokens > mostTokens);
        var limit = inMoney ? mostMoney!.Value : mostTokens!.Value;
        var period = Enum.Parse<BudgetPeriod>(row.GetString(3));
        return new(
            Enum.Parse<BudgetScope>(row.GetString(1)), row.GetGuid(2), period, inMoney, limit, inMoney ? money : tokens, BudgetPeriods.EndOf(period, row.GetFieldValue<DateOnly>(4)),
            (inMoney ? claim.Money : claim.Tokens) > limit);
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object? value) => command.Parameters.Add(new() { NpgsqlDbType = type, Value = value ?? DBNull.Value });

    private static string? Cut(string? text, int most = 200) => text?.Length > most ? text[..most] : text;
}

public static class BudgetPeriods
{
    public static DateOnly StartOf(BudgetPeriod period, DateOnly day) => period == BudgetPeriod.Day ? day : new(day.Year, day.Month, 1);

    /// <summary>The first moment of the next period.</summary>
    public static DateTimeOffset EndOf(BudgetPeriod period, DateOnly starts) =>
        new(period == BudgetPeriod.Day ? starts.AddDays(1) : StartOf(period, starts).AddMonths(1), TimeOnly.MinValue, TimeSpan.Zero);
}
