using ChatSphere.Data.Accounts;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Messaging;
using ChatSphere.Data.Notifications;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Privacy;

/// <summary>What is older than a rule allows. The preview counts with the same queries as the sweep deletes with.</summary>
public static class RetentionQueries
{
    /// <summary>Whether a rule of this kind can be for one group or bot only.</summary>
    public static bool CanHavePlace(this RetentionKind kind) => kind is RetentionKind.Conversations or RetentionKind.Documents;

    /// <summary>Not used since then. One that is being answered is not old.</summary>
    public static IQueryable<Conversation> OldConversations(this ChatSphereDb db, DateTimeOffset before, RetentionPlace place)
    {
        var (groupId, botId) = place;
        return db.Conversations.Where(c => c.UpdatedAt < before && c.ActiveTurnId == null && (botId == null || c.BotId == botId)
            && (groupId == null || db.GroupMembers.Any(m => m.GroupId == groupId && m.AccountId == c.OwnerId)));
    }

    /// <summary>Of people who have said so themselves.</summary>
    public static IQueryable<Conversation> ConversationsPastOwnRetention(this ChatSphereDb db, DateTimeOffset now) =>
        db.Conversations.Where(c => c.ActiveTurnId == null
            && db.OwnRetentions.Any(r => r.AccountId == c.OwnerId && r.DeleteConversationsAfterDays != null && c.UpdatedAt < now.AddDays(-(double)r.DeleteConversationsAfterDays!)));

    public static IQueryable<Conversation> ExceptHeld(this IQueryable<Conversation> conversations, ChatSphereDb db) => conversations.Where(c => !db.HeldAccounts().Contains(c.OwnerId));

    /// <summary>By the group of the bot's owner.</summary>
    public static IQueryable<Document> OldDocuments(this ChatSphereDb db, DateTimeOffset before, RetentionPlace place)
    {
        var (groupId, botId) = place;
        return db.Documents.Where(d => d.CreatedAt < before && (botId == null || d.BotId == botId)
            && (groupId == null || db.Bots.Any(b => b.Id == d.BotId && db.GroupMembers.Any(m => m.GroupId == groupId && m.AccountId == b.OwnerId))));
    }

    public static IQueryable<Document> ExceptHeld(this IQueryable<Document> documents, ChatSphereDb db) =>
        documents.Where(d => !db.HeldAccounts().Contains(d.UploadedBy) && !db.Bots.Any(b => b.Id == d.BotId && db.HeldAccounts().Contains(b.OwnerId)));

    public static IQueryable<Session> OldSessions(this ChatSphereDb db, DateTimeOffset before) => db.Sessions.Where(s => s.RevokedAt < before || s.ExpiresAt < before);

    public static IQueryable<Session> ExceptHeld(this IQueryable<Session> sessions, ChatSphereDb db) => sessions.Where(s => !db.HeldAccounts().Contains(s.AccountId));

    public static IQueryable<OutgoingMail> OldMails(this ChatSphereDb db, DateTimeOffset before) => db.OutgoingMails.Where(m => m.SentAt < before);

    public static IQueryable<OutgoingMail> ExceptHeld(this IQueryable<OutgoingMail> mails, ChatSphereDb db) => mails.Where(m => m.AccountId == null || !db.HeldAccounts().Contains(m.AccountId.Value));

    public static IQueryable<OneTimeToken> OldTokens(this ChatSphereDb db, DateTimeOffset before) => db.OneTimeTokens.Where(t => t.UsedAt < before || t.ExpiresAt < before);

    public static IQueryable<OneTimeToken> ExceptHeld(this IQueryable<OneTimeToken> tokens, ChatSphereDb db) => tokens.Where(t => t.AccountId == null || !db.HeldAccounts().Contains(t.AccountId.Value));

    /// <summary>No account's, so no hold is on them.</summary>
    public static IQueryable<DeadLetter> OldDeadLetters(this ChatSphereDb db, DateTimeOffset before) => db.DeadLetters.Where(l => l.DiedAt < before);

    /// <summary>How many a rule would delete now, and how many holds would keep from it.</summary>
    public static async Task<(long Count, long Held)> CountAsync(this ChatSphereDb db, RetentionKind kind, DateTimeOffset before, RetentionPlace place, CancellationToken cancellationToken)
    {
        var (all, free) = kind switch
        {
            RetentionKind.Conversations => (await db.OldConversations(before, place).LongCountAsync(cancellationToken), await db.OldConversations(before, place).ExceptHeld(db).LongCountAsync(cancellationToken)),
            RetentionKind.Documents => (await db.OldDocuments(before, place).LongCountAsync(cancellationToken), await db.OldDocuments(before, place).ExceptHeld(db).LongCountAsync(cancellationToken)),
            RetentionKind.EndedSessions => (await db.OldSessions(before).LongCountAsync(cancellationToken), await db.OldSessions(before).ExceptHeld(db).LongCountAsync(cancellationToken)),
            RetentionKind.SentMails => (await db.OldMails(before).LongCountAsync(cancellationToken), await db.OldMails(before).ExceptHeld(db).LongCountAsync(cancellationToken)),
            RetentionKind.OneTimeTokens => (await db.OldTokens(before).LongCountAsync(cancellationToken), await db.OldTokens(before).ExceptHeld(db).LongCountAsync(cancellationToken)),
            _ => await db.OldDeadLetters(before).LongCountAsync(cancellationToken) is var dead ? (dead, dead) : default,
        };
        return (free, all - free);
    }

    /// <summary>What is in force: the rules that were set, and the defaults where none was for everybody. By kind; everybody's first, then those of groups, then those of bots.</summary>
    public static async Task<List<RetentionInForce>> RetentionInForceAsync(this ChatSphereDb db, CancellationToken cancellationToken)
    {
        var set = await db.RetentionRules.AsNoTracking().ToListAsync(cancellationToken);
        var ofBots = await db.BotRetentionRules.AsNoTracking().ToListAsync(cancellationToken);
        return
        [
            .. Enum.GetValues<RetentionKind>().SelectMany(kind => set.Where(r => r.Kind == kind && r.GroupId == null).Select(r => new RetentionInForce(kind, RetentionPlace.Everywhere, r.Days, r.ChangedAt))
                .DefaultIfEmpty(new(kind, RetentionPlace.Everywhere, RetentionRule.DefaultDays(kind), null))
                .Concat(set.Where(r => r.Kind == kind && r.GroupId != null).OrderBy(r => r.GroupId).Select(r => new RetentionInForce(kind, new(GroupId: r.GroupId), r.Days, r.ChangedAt)))
                .Concat(ofBots.Where(r => r.Kind == kind).OrderBy(r => r.BotId).Select(r => new RetentionInForce(kind, new(BotId: r.BotId), r.Days, r.ChangedAt)))),
        ];
    }
}
