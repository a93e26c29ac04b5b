using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Bots;

/// <summary>Bots are deleted and emptied. The row stays, for the conversations that others had with them.</summary>
public sealed class BotsPersonalData(ChatSphereDb db, TimeProvider time) : IPersonalData
{
    public const string NameOfErased = "Deleted bot";

    public string Section => "bots";

    public IReadOnlyList<Type> Owns => [typeof(Bot)];

    public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) =>
        writer.WriteAsync("bots", db.Bots.AsNoTracking().Where(b => b.OwnerId == accountId && b.DeletedAt == null).OrderBy(b => b.Id)
            .Select(b => new { b.Id, b.Name, b.Description, b.Instructions, b.Greeting, b.Starters, b.Draft, b.Model, b.Temperature, b.CreatedAt, b.UpdatedAt }).AsAsyncEnumerable(), cancellationToken);

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var bot in await db.Bots.Where(b => b.OwnerId == accountId && (b.DeletedAt == null || b.Name != NameOfErased || b.Instructions != "")).ToListAsync(cancellationToken))
        {
            bot.Empty(NameOfErased, now);
            if (bot.DeletedAt is null)
            {
                bot.Delete(now);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }
}
