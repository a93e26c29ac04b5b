using System.Diagnostics;
using System.Text.Json;
using ChatSphere.Data.Messaging;
using ChatSphere.Data.Secrets;
using Npgsql;

namespace ChatSphere.Data.Communities;

/// <param name="SlowMode">How long the author waits between two messages; zero: not at all.</param>
/// <param name="SlowModeChannelId">In which channel that is counted: of a thread its channel.</param>
/// <param name="AttachmentIds">Uploaded by the author and not sent yet; nothing is posted unless all of them still are.</param>
/// <param name="InThread">The author follows it from now on, and it opens again should it be put away.</param>
public sealed record PostTerms(TimeSpan SlowMode, Guid SlowModeChannelId, IReadOnlyList<Guid> AttachmentIds, bool InThread)
{
    public static readonly PostTerms None = new(TimeSpan.Zero, Guid.Empty, [], false);
}

public enum PostOutcome
{
    Posted,

    /// <summary>The author has used this nonce in this channel already.</summary>
    NonceUsed,

    /// <summary>The author has to wait.</summary>
    TooSoon,

    /// <summary>An attachment is gone or was sent with another message.</summary>
    AttachmentGone,
}

/// <param name="Wait">Of <see cref="PostOutcome.TooSoon"/>.</param>
public readonly record struct PostResult(PostOutcome Outcome, long Seq, long Change, TimeSpan Wait);

/// <summary>
/// Puts a message into its channel: number, message, event for the outbox and the author's own mark of having read it, in one statement, and so in one round trip and one
/// transaction. By hand, because the channel's counter is locked from its update to the commit: every round trip in between would hold up the whole channel. Only slow mode
/// and attachments need a transaction of several statements.
/// </summary>
public sealed class ChannelPosts(NpgsqlDataSource source, ContentSeal seal)
{
    private const string Numbered = """
        with counter as (
            update communities.channel_counters set last_seq = last_seq + 1, last_change = last_change + 1, last_message_at = $1 where channel_id = $2 returning last_seq, last_change
        ), message as (
            insert into communities.messages (id, channel_id, server_id, seq, change, kind, author_kind, author_id, author_name, nonce, fingerprint, content, reply_to_id, mentioned_accounts, mentioned_roles, mentions_everyone, created_at, parts_json, poll_open_until, named_accounts, named_roles)
            select $3, $2, $4, last_seq, last_change, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $1, $21, $22, $23, $24 from counter
            returning seq, change
        ), event as (
            insert into messaging.outbox (id, type, ordering_key, payload, trace_parent, occurred_at) select $16, $17, $18, $19, $20, $1 from message
        ), mark as (
            insert into communities.read_states (account_id, channel_id, last_read_seq, read_at) select $7, $2, seq, $1 from message where $6 = 'Person'
            on conflict (account_id, channel_id) do update set last_read_seq = excluded.last_read_seq, read_at = excluded.read_at where read_states.last_read_seq < excluded.last_read_seq
        )
        """;
    private const string InThread = """
        , followed as (
            insert into communities.channel_members (channel_id, account_id, joined_at) select $2, $7, $1 from message where $6 = 'Person' on conflict do nothing
        ), opened as (
            update communities.channels set archived_at = null where id = $2 and archived_at is not null
        )
        """;
    private const string Result = " select seq, change from message";

    // The database's clock, so that no node's counts. Two at once: the second waits for the first and finds its mark.
    private const string Mark = """
        insert into communities.slow_mode_marks as m (channel_id, account_id, written_at) values ($1, $2, clock_timestamp())
        on conflict (channel_id, account_id) do update set written_at = excluded.written_at where m.written_at <= excluded.written_at - $3
        """;

    /// <exception cref="InvalidOperationException">There is no such channel.</exception>
    public async Task<PostResult> InsertAsync(ChannelMessage message, PostTerms terms, CancellationToken cancellationToken)
    {
        var posted = new MessagePosted(message.Id, message.ChannelId, message.ServerId);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = terms.SlowMode > TimeSpan.Zero || terms.AttachmentIds.Count > 0 ? await connection.BeginTransactionAsync(cancellationToken) : null;
        if (terms.SlowMode > TimeSpan.Zero && await ExecuteAsync(Mark, terms.SlowModeChannelId, message.AuthorId, terms.SlowMode) == 0)
        {
            return new PostResult(PostOutcome.TooSoon, 0, 0, await WaitAsync());
        }

        await using var command = new NpgsqlCommand(Numbered + (terms.InThread ? InThread : "") + Result, connection, transaction);
        var p = command.Parameters;
        Add(message.CreatedAt);
        Add(message.ChannelId);
        Add(message.Id);
        Add<Guid?>(message.ServerId);
        Add(message.Kind.ToString());
        Add(message.AuthorKind.ToString());
        Add(message.AuthorId);
        Add(message.AuthorName);
        Add(message.Nonce);
        Add(message.Fingerprint);
        Add(seal.Seal(ContentPurposes.ChannelMessage, message.Content));
        Add<Guid?>(message.ReplyToId);
        Add(message.MentionedAccounts);
        Add(message.MentionedRoles);
        Add(message.MentionsEveryone);
        Add(Guid.CreateVersion7(message.CreatedAt));
        Add(EventTypes.NameOf(typeof(MessagePosted)));
        Add(posted.OrderingKey);
        Add(JsonSerializer.Serialize(posted, EventTypes.Json));
        Add(Activity.Current?.Id);
        Add(message.PartsJson is { } parts ? seal.Seal(ContentPurposes.ChannelMessage, parts) : null);
        Add<DateTimeOffset?>(message.PollOpenUntil);
        Add(message.NamedAccounts);
        Add(message.NamedRoles);
        long seq, change;
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            (seq, change) = await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1)) : throw new InvalidOperationException("There is no such channel.");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation && e.ConstraintName == "ix_messages_author_id_channel_id_nonce")
        {
            return new PostResult(PostOutcome.NonceUsed, 0, 0, default);
        }

        if (terms.AttachmentIds.Count > 0
            && await ExecuteAsync("update communities.attachments set message_id = $1 where id = any($2) and account_id = $3 and message_id is null", message.Id, terms.AttachmentIds.ToArray(), message.AuthorId) != terms.AttachmentIds.Count)
        {
            return new PostResult(PostOutcome.AttachmentGone, 0, 0, default);
        }

        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return new PostResult(PostOutcome.Posted, seq, change, default);

        void Add<T>(T value) => p.Add(new NpgsqlParameter<T> { TypedValue = value });

        async Task<int> ExecuteAsync(string sql, params object[] values)
        {
            await using var one = new NpgsqlCommand(sql, connection, transaction);
            foreach (var value in values)
            {
                one.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            return await one.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<TimeSpan> WaitAsync()
        {
            await using var one = new NpgsqlCommand("select written_at + $3 - clock_timestamp() from communities.slow_mode_marks where channel_id = $1 and account_id = $2", connection, transaction);
            one.Parameters.Add(new NpgsqlParameter { Value = terms.SlowModeChannelId });
            one.Parameters.Add(new NpgsqlParameter { Value = message.AuthorId });
            one.Parameters.Add(new NpgsqlParameter { Value = terms.SlowMode });
            return await one.ExecuteScalarAsync(cancellationToken) is TimeSpan wait && wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1);
        }
    }
}
