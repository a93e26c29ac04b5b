using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Context;

/// <summary>The question's pictures, and as many of those before it on this branch as there is room for: people go on asking about a picture.</summary>
internal sealed class RecallImages(ChatSphereDb db, BlobStore blobs, IOptions<AttachmentOptions> options) : IPrepareAnswer
{
    private const long MaxBytes = 20L << 20;

    public PreparationStage Stage => PreparationStage.Memory;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        if (draft.ConversationId is not { } conversationId || draft.QuestionId is not { } questionId || !draft.Facts.HasImages || draft.Model == ModelCatalogue.Extractive)
        {
            return;
        }

        var said = draft.History.Select(m => m.Id).Append(questionId).OfType<Guid>().ToArray();
        var sent = await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversationId && said.Contains(m.Id) && m.Author == MessageAuthor.User).OrderByDescending(m => m.Seq)
            .Select(m => m.Attachments).ToListAsync(cancellationToken);
        var wanted = sent.SelectMany(m => m).Where(a => a.Kind == AttachmentKind.Image).Select(a => a.Id).Distinct().Take(options.Value.MaxImagesShown).ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        var images = (await db.Attachments.AsNoTracking().Where(a => a.ConversationId == conversationId && a.OwnerId == draft.AskerId && wanted.Contains(a.Id)).ToListAsync(cancellationToken))
            .OrderBy(a => wanted.IndexOf(a.Id));
        var bytes = 0L;
        foreach (var image in images.TakeWhile(i => (bytes += i.Size) <= MaxBytes).OrderBy(i => i.Id))
        {
            try
            {
                await using var content = blobs.OpenRead(image.Sha256);
                using var copy = new MemoryStream();
                await content.CopyToAsync(copy, cancellationToken);
                draft.Images.Add(new PromptImage(image.Name, new DataContent(copy.ToArray(), image.ContentType)));
            }
            catch (IOException)
            {
                // Deleted at this very moment.
            }
        }
    }
}
