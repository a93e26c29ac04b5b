using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Context;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Answering;

/// <summary>What is sent with a question.</summary>
internal static class TurnAttachments
{
    /// <summary>Loaded for change, in the order asked for; or why they cannot be sent.</summary>
    /// <param name="model">The one asked for, if not the bot's.</param>
    public static async Task<(IReadOnlyList<Attachment> Found, ProblemHttpResult? Refusal)> FindAsync(
        ChatSphereDb db, Conversation conversation, Bot? bot, string? model, IReadOnlyList<Guid>? ids, ModelCatalogue catalogue, CancellationToken cancellationToken)
    {
        if (ids is not { Count: > 0 })
        {
            return ([], null);
        }

        var wanted = ids.Distinct().ToArray();
        var found = await db.Attachments.Where(a => a.ConversationId == conversation.Id && a.OwnerId == conversation.OwnerId && a.MessageId == null && wanted.Contains(a.Id)).ToListAsync(cancellationToken);
        if (found.Count != wanted.Length)
        {
            return ([], Problems.Invalid("attachments", "One of them is not in this conversation, or was sent before.", ErrorCodes.AttachmentUnknown));
        }

        // Where it is not known whether a model sees, it is tried.
        if (found.Exists(a => a.Kind == AttachmentKind.Image) && !catalogue.MaySee(model ?? bot?.Model))
        {
            return ([], Problems.Conflict(ErrorCodes.ModelWithoutVision, "The model that answers does not look at pictures. Take the pictures away, or choose a model that does."));
        }

        return ([.. wanted.Select(id => found.Single(a => a.Id == id))], null);
    }

    public static void Send(Message question, IReadOnlyList<Attachment> attachments)
    {
        foreach (var attachment in attachments)
        {
            attachment.SendWith(question.Id);
        }

        question.Attachments = [.. attachments.Select(MessageAttachment.Of)];
    }

    /// <summary>What makes a request the same as another: its text, and what was sent with it.</summary>
    public static string Identity(string text, IReadOnlyList<Guid>? ids) => ids is { Count: > 0 } ? $"{text}\0{string.Join(',', ids)}" : text;

    /// <summary>Removes what was given to a conversation, files and all.</summary>
    public static async Task DropAsync(ChatSphereDb db, Guid conversationId, CancellationToken cancellationToken)
    {
        var attachments = await db.Attachments.Where(a => a.ConversationId == conversationId).ToListAsync(cancellationToken);
        attachments.ForEach(a => a.Drop());
        db.RemoveRange(attachments);
        await db.SaveChangesAsync(cancellationToken);
    }
}
