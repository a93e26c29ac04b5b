using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Conversations;

/// <summary>A conversation is one person's: it goes with all its messages and turns.</summary>
public sealed class ConversationsPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "conversations";

    public IReadOnlyList<Type> Owns => [typeof(Conversation), typeof(Turn)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("conversations", db.Conversations.AsNoTracking().Where(c => c.OwnerId == accountId).OrderBy(c => c.Id)
            .Join(db.Bots, c => c.BotId, b => b.Id, (c, b) => new { c.Id, c.BotId, Bot = b.Name, c.Title, c.CreatedAt, c.UpdatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("messages", db.Messages.AsNoTracking().Where(m => db.Conversations.Any(c => c.Id == m.ConversationId && c.OwnerId == accountId))
            .OrderBy(m => m.ConversationId).ThenBy(m => m.Seq).AsAsyncEnumerable()
            .Select(m => new { m.Id, m.ConversationId, m.Seq, Author = m.Author.ToString(), State = m.State.ToString(), m.Text, m.Model, m.Citations, m.ToolCalls, m.CreatedAt }), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken) =>
        await db.Conversations.Where(c => c.OwnerId == accountId).ExecuteDeleteAsync(cancellationToken);
}
