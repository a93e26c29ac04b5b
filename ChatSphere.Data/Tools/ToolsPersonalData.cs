using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Tools;

/// <summary>What somebody taught their bots to call. Secrets are not exported: whoever set them has them.</summary>
public sealed class ToolsPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "tools";

    public IReadOnlyList<Type> Owns => [];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("tools", db.BotTools.AsNoTracking().Where(t => db.Bots.Any(b => b.Id == t.BotId && b.OwnerId == accountId && b.DeletedAt == null)).OrderBy(t => t.Id)
            .Select(t => new { t.BotId, t.Name, t.Description, t.Enabled, t.NeedsApproval, t.Method, t.UrlTemplate, t.HeaderNames, t.Schema, t.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("tool-servers", db.ToolServers.AsNoTracking().Where(s => db.Bots.Any(b => b.Id == s.BotId && b.OwnerId == accountId && b.DeletedAt == null)).OrderBy(s => s.Id)
            .Select(s => new { s.BotId, s.Name, s.Address, s.ValueNames, s.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.BotTools.Where(t => db.Bots.Any(b => b.Id == t.BotId && b.OwnerId == accountId)).ExecuteDeleteAsync(cancellationToken);
        await db.ToolServers.Where(s => db.Bots.Any(b => b.Id == s.BotId && b.OwnerId == accountId)).ExecuteDeleteAsync(cancellationToken);
    }
}
