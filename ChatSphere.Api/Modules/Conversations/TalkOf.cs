using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>One's own conversation at a message that something is to be done with, and the bot that would do it.</summary>
internal sealed record TalkOf(Conversation Conversation, Message Message, Bot Bot)
{
    public static async Task<(TalkOf? Found, IResult? Refusal)> MessageAsync(ChatSphereDb db, CurrentUser user, Guid conversationId, Guid messageId, CancellationToken cancellationToken)
    {
        var found = await db.Conversations.VisibleTo(user.AccountId).Where(c => c.Id == conversationId).Select(c => new
        {
            Conversation = c,
            Bot = db.Bots.UsableBy(db, user.AccountId).SingleOrDefault(b => b.Id == c.BotId),
            IsDeleted = db.Bots.Any(b => b.Id == c.BotId && b.DeletedAt != null),
        }).SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return (null, Problems.NotFound());
        }

        if (found.Conversation.CurrentAsOf != found.Conversation.LastSeq)
        {
            await db.FillParentsAsync(conversationId, cancellationToken);
        }

        var message = await db.Messages.SingleOrDefaultAsync(m => m.Id == messageId && m.ConversationId == conversationId, cancellationToken);
        return message is null ? (null, Problems.NotFound()) : found.Bot is null ? (null, CreateTurn.BotGone(found.IsDeleted)) : (new TalkOf(found.Conversation, message, found.Bot), null);
    }
}
