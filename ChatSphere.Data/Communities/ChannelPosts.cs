using System.Diagnostics;
using System.Text.Json;
using ChatSphere.Data.Messaging;
using ChatSphere.Data.Secrets;
using Npgsql;

namespace ChatSphere.Data.Communities;

/// <summary>
/// Puts a message into its channel: number, message, event for the outbox and the author's own mark of having read it, in one statement, and so in one round trip and one
/// transaction. By hand, because the channel's counter is locked from its update to the commit: every round trip in between would hold up the whole channel.
/// </summary>
public sealed class ChannelPosts(NpgsqlDataSource source, ContentSeal seal)
{
    private const string Sql = """
        with counter as (
            update communities.channel_counters set last_seq = last_seq + 1, last_change = last_change + 1, last_message_at = $1 where channel_id = $2 returning last_seq, last_change
        ), message as (
            insert into communities.messages (id, channel_id, server_id, seq, change, kind, author_kind, author_id, author_name, nonce, fingerprint, content, reply_to_id, mentioned_accounts, mentioned_roles, mentions_everyone, created_at)
            select $3, $2, $4, last_seq, last_change, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $1 from counter
            returning seq, change
        ), event as (
            insert into messaging.outbox (id, type, ordering_key, payload, trace_parent, occurred_at) select $16, $17, $18, $19, $20, $1 from message
        ), mark as (
            insert into communities.read_states (account_id, channel_id, last_read_seq, read_at) select $7, $2, seq, $1 from message where $6 = 'Person'
            on conflict (account_id, channel_id) do update set last_read_seq = excluded.last_read_seq, read_at = excluded.read_at where read_states.last_read_seq < excluded.last_read_seq
        )
        select seq, change from message
        """;

    /// <summary>The message with its numbers; null: the author has used this nonce in this channel already, and nothing was changed.</summary>
    /// <exception cref="InvalidOperationException">There is no such channel.</exception>
    public async Task<(long Seq, long Change)?> TryInsertAsync(ChannelMessage message, CancellationToken cancellationToken)
    {
        var posted = new MessagePosted(message.Id, message.ChannelId, message.ServerId);
        await using var command = source.CreateCommand(Sql);
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
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1)) : throw new InvalidOperationException("There is no such channel.");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation && e.ConstraintName == "ix_messages_author_id_channel_id_nonce")
        {
            return null;
        }

        void Add<T>(T value) => p.Add(new NpgsqlParameter<T> { TypedValue = value });
    }
}
