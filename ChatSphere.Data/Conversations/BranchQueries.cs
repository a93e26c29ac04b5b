using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Conversations;

/// <summary>Where a message stands among those that were said after the same one.</summary>
/// <param name="ParentId">Null: it begins the conversation.</param>
/// <param name="Ids">In order of <see cref="Message.Seq"/>, itself among them.</param>
public sealed record Siblings(Guid? ParentId, IReadOnlyList<Guid> Ids);

/// <summary>Reading a conversation as the tree that it is. None of these asks whose it is: the caller has.</summary>
public static class BranchQueries
{
    /// <summary>The last message of the current branch; null: there is none yet.</summary>
    public static async Task<Guid?> CurrentOfAsync(this ChatSphereDb db, Conversation conversation, CancellationToken cancellationToken) =>
        conversation.KnownCurrentId is { } known && await db.Messages.AnyAsync(m => m.Id == known && m.ConversationId == conversation.Id, cancellationToken) ? known
            : await db.Messages.Where(m => m.ConversationId == conversation.Id).OrderByDescending(m => m.Seq).Select(m => (Guid?)m.Id).FirstOrDefaultAsync(cancellationToken);

    /// <summary>From a message back to the beginning, newest first: at most so many of those before a place.</summary>
    public static Task<List<Message>> PathAsync(this ChatSphereDb db, Guid conversationId, Guid from, int before, int take, CancellationToken cancellationToken) => db.Messages.FromSql($"""
        with recursive path(id, parent_id, seq, n) as (
            select m.id, m.parent_id, m.seq, case when m.seq < {before} then 1 else 0 end from conversations.messages m where m.id = {from} and m.conversation_id = {conversationId}
            union all
            select p.id, p.parent_id, p.seq, path.n + case when p.seq < {before} then 1 else 0 end
            from path join conversations.messages p on p.conversation_id = {conversationId} and p.seq < path.seq and p.id = coalesce(path.parent_id,
                (select x.id from conversations.messages x where x.conversation_id = {conversationId} and x.seq < path.seq order by x.seq desc limit 1))
            where path.n < {take})
        select m.* from path join conversations.messages m on m.id = path.id where path.seq < {before} order by m.seq desc limit {take}
        """).AsNoTracking().ToListAsync(cancellationToken);

    /// <summary>From a message on to the end of its branch, where it forks along what was said last.</summary>
    public static async Task<Guid> EndOfAsync(this ChatSphereDb db, Guid conversationId, Guid from, CancellationToken cancellationToken) => (await db.Database.SqlQuery<Guid>($"""
        with recursive down(id, seq) as (
            select m.id, m.seq from conversations.messages m where m.id = {from} and m.conversation_id = {conversationId}
            union all
            select c.id, c.seq from down cross join lateral (
                select x.id, x.seq from conversations.messages x where x.conversation_id = {conversationId} and x.parent_id = down.id and x.seq > down.seq order by x.seq desc limit 1) c)
        select id as "Value" from down order by seq desc limit 1
        """).ToListAsync(cancellationToken))[0];

    /// <summary>The siblings of these messages of one conversation.</summary>
    public static async Task<Dictionary<Guid, Siblings>> SiblingsAsync(this ChatSphereDb db, Guid conversationId, IReadOnlyCollection<Message> messages, CancellationToken cancellationToken)
    {
        var parents = messages.Select(m => m.ParentId).OfType<Guid>().Distinct().ToArray();
        var families = (await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversationId && m.ParentId != null && parents.Contains(m.ParentId.Value))
            .OrderBy(m => m.Seq).Select(m => new { m.Id, m.ParentId }).ToListAsync(cancellationToken)).ToLookup(m => m.ParentId!.Value, m => m.Id);
        return messages.ToDictionary(m => m.Id, m => m.ParentId is { } parent
            ? new Siblings(parent == Message.NoParent ? null : parent, [.. families[parent]])
            : new Siblings(null, [m.Id]));
    }

    /// <summary>The question itself, or the one that an answer answers; null: there is none.</summary>
    public static async Task<Message?> QuestionOfAsync(this ChatSphereDb db, Message message, CancellationToken cancellationToken) =>
        message.Author is MessageAuthor.User ? message
            : await db.Messages.SingleOrDefaultAsync(m => m.Id == message.ParentId && m.ConversationId == message.ConversationId && m.Author == MessageAuthor.User, cancellationToken);

    /// <summary>Writes down what nodes of the version before left open, so that what is added now finds its siblings.</summary>
    public static Task FillParentsAsync(this ChatSphereDb db, Guid conversationId, CancellationToken cancellationToken) => db.Database.ExecuteSqlAsync($"""
        update conversations.messages m set parent_id = coalesce((
            select p.id from conversations.messages p where p.conversation_id = m.conversation_id and p.seq < m.seq order by p.seq desc limit 1), {Message.NoParent})
        where m.conversation_id = {conversationId} and m.parent_id is null
        """, cancellationToken);
}

public static class EndingTurns
{
    /// <summary>
    /// Frees the conversation when its last turn has ended; as long as another runs, that one is the active turn. In the transaction that ends the turn, after it: the row's
    /// lock makes turns that end at the same time wait for each other, so that one of them sees that all are over.
    /// </summary>
    public static async Task EndTurnAsync(this ChatSphereDb db, Guid conversationId, Guid turnId, DateTimeOffset now)
    {
        await db.Database.ExecuteSqlAsync($"select 1 from conversations.conversations where id = {conversationId} for update");
        await db.Database.ExecuteSqlAsync($"""
            update conversations.conversations set updated_at = {now},
                active_turn_id = (select t.id from conversations.turns t where t.conversation_id = {conversationId} and t.id <> {turnId} and t.last_event is null order by t.id limit 1)
            where id = {conversationId} and active_turn_id = {turnId}
            """);
    }
}
