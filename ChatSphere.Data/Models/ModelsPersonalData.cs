using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Models;

/// <summary>Somebody's own connections. The keys themselves are not given out again: whoever asks for an export has them from the provider.</summary>
public sealed class ModelsPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "models";

    public IReadOnlyList<Type> Owns { get; } = [typeof(ProviderConnection)];

    public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) =>
        writer.WriteAsync("provider-connections", db.ProviderConnections.AsNoTracking().OwnedBy(accountId).OrderBy(c => c.Id).Select(c => new
        {
            c.Name,
            c.Kind,
            c.Endpoint,
            c.ApiVersion,
            c.TenantId,
            c.ClientId,
            c.Models,
            c.DefaultModel,
            c.IsEnabled,
            Keys = db.ProviderKeys.Count(k => k.ConnectionId == c.Id),
            c.CreatedAt,
            c.UpdatedAt,
        }).AsAsyncEnumerable(), cancellationToken);

    public Task EraseAsync(Guid accountId, CancellationToken cancellationToken) => db.ProviderConnections.OwnedBy(accountId).ExecuteDeleteAsync(cancellationToken);
}
