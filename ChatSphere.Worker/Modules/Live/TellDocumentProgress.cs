using System.Collections.Concurrent;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Messaging.Live;
using ChatSphere.Worker.Modules.Knowledge;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Live;

internal sealed class TellDocumentProgress(LiveFeed live, IServiceScopeFactory scopes) : IDocumentProgress
{
    private const int ForgetAbove = 10_000;
    private readonly ConcurrentDictionary<Guid, Guid> _uploaders = new();

    public async Task ChangedAsync(Guid documentId, CancellationToken cancellationToken)
    {
        if (!_uploaders.TryGetValue(documentId, out var uploader))
        {
            await using var scope = scopes.CreateAsyncScope();
            uploader = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Documents.Where(d => d.Id == documentId).Select(d => d.UploadedBy).SingleOrDefaultAsync(cancellationToken);
            if (uploader == Guid.Empty)
            {
                return;
            }

            if (_uploaders.Count > ForgetAbove)
            {
                _uploaders.Clear();
            }

            _uploaders[documentId] = uploader;
        }

        live.Publish(uploader, LiveEventTypes.DocumentChanged, new LiveReference(documentId));
    }
}
