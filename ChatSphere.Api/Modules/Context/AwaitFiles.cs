using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Context;

/// <summary>Whether the conversation has files, and a little patience for those that are being read. What could not be read in time, or at all, the model is told.</summary>
internal sealed class AwaitFiles(ChatSphereDb db, IOptions<AttachmentOptions> options, TimeProvider time) : IPrepareAnswer
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    public PreparationStage Stage => PreparationStage.Question;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        if (draft.ConversationId is not { } conversationId || !draft.Facts.HasFiles)
        {
            return;
        }

        draft.HasFiles = true;
        var started = time.GetTimestamp();
        while (true)
        {
            var unread = await db.Documents.AsNoTracking().Where(d => d.BotId == conversationId && d.Stage != DocumentStage.Ready && db.Attachments.Any(a => a.DocumentId == d.Id && a.MessageId != null))
                .Select(d => new { d.Name, d.Stage, d.Reason }).ToListAsync(cancellationToken);
            if (unread.TrueForAll(d => d.Stage is DocumentStage.Failed or DocumentStage.Cancelled) || time.GetElapsedTime(started) >= options.Value.Patience)
            {
                foreach (var document in unread)
                {
                    draft.Notes.Add(new PromptNote("an attached file", $"The file \"{document.Name}\" {(document.Reason is { } why ? $"could not be read: {why}" : "has not been read yet")}", 100));
                }

                return;
            }

            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }
}
