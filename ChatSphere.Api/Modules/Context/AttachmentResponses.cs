using ChatSphere.Contracts.Context;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

internal static class AttachmentResponses
{
    public static async Task<AttachmentResponse> OneAsync(ChatSphereDb db, Attachment attachment, CancellationToken cancellationToken) =>
        From(attachment, attachment.DocumentId is { } id ? await db.Documents.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellationToken) : null);

    public static async Task<List<AttachmentResponse>> ListAsync(ChatSphereDb db, IQueryable<Attachment> attachments, CancellationToken cancellationToken)
    {
        var found = await attachments.AsNoTracking().OrderBy(a => a.Id).ToListAsync(cancellationToken);
        var ids = found.Select(a => a.DocumentId).OfType<Guid>().ToArray();
        var documents = ids.Length == 0 ? [] : await db.Documents.AsNoTracking().Where(d => ids.Contains(d.Id)).ToDictionaryAsync(d => d.Id, cancellationToken);
        return found.ConvertAll(a => From(a, a.DocumentId is { } id ? documents.GetValueOrDefault(id) : null));
    }

    private static AttachmentResponse From(Attachment a, Document? document) => new(
        a.Id, a.ConversationId, (AttachmentType)a.Kind, a.Name, a.ContentType, a.Size, a.Width, a.Height, a.MessageId, a.DocumentId,
        document is null ? null : Enum.Parse<DocumentStatus>(document.Stage.ToString()), document?.Reason, a.CreatedAt);
}
