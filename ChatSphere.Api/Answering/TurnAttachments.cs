using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Answering;

/// <summary>What is sent with a question.</summary>
internal static class TurnAttachments
{
    /// <summary>Loaded for change, in the order asked for; or why they cannot be sent. A new wording of a question may take over what came with the old one, and does unless it says otherwise.</summary>
    /// <param name="models">Those that will answer.</param>
    /// <param name="edits">The question that this one is a new wording of.</param>
    public static async Task<(IReadOnlyList<Attachment> Found, ProblemHttpResult? Refusal)> FindAsync(
        ChatSphereDb db, Conversation conversation, IReadOnlyList<string?> models, IReadOnlyList<Guid>? ids, Guid? edits, ModelCatalogue catalogue, CancellationToken cancellationToken)
    {
        var before = edits is null ? [] : (await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversation.Id && m.Id == edits).Select(m => m.Attachments).SingleOrDefaultAsync(cancellationToken) ?? []).ConvertAll(a => a.Id);
        var wanted = (ids ?? before).Distinct().ToArray();
        if (wanted.Length == 0)
        {
            return ([], null);
        }

        var found = await db.Attachments.Where(a => a.ConversationId == conversation.Id && a.OwnerId == conversation.OwnerId && (a.MessageId == null || before.Contains(a.Id)) && wanted.Contains(a.Id)).ToListAsync(cancellationToken);
        if (ids is not null && found.Count != wanted.Length)
        {
            return ([], Problems.Invalid("attachments", "One of them is not in this conversation, or was sent before.", ErrorCodes.AttachmentUnknown));
        }

        // Where it is not known whether a model sees, it is tried.
        if (found.Exists(a => a.Kind == AttachmentKind.Image) && !models.All(catalogue.MaySee))
        {
            return ([], Problems.Conflict(ErrorCodes.ModelWithoutVision, "The model that answers does not look at pictures. Take the pictures away, or choose a model that does."));
        }

        return ([.. wanted.Select(id => found.Find(a => a.Id == id)).OfType<Attachment>()], null);
    }

    public static void Send(Message question, IReadOnlyList<Attachment> attachments)
    {
        foreach (var attachment in attachments)
        {
            // Of one that two wordings have, the first stays known.
            attachment.SendWith(attachment.MessageId ?? question.Id);
        }

        question.Attachments = [.. attachments.Select(MessageAttachment.Of)];
    }

    /// <summary>Removes what was given to a conversation, files and all.</summary>
    public static async Task DropAsync(ChatSphereDb db, Guid conversationId, CancellationToken cancellationToken)
    {
        var attachments = await db.Attachments.Where(a => a.ConversationId == conversationId).ToListAsync(cancellationToken);
        attachments.ForEach(a => a.Drop());
        db.RemoveRange(attachments);
        await db.SaveChangesAsync(cancellationToken);
    }
}
