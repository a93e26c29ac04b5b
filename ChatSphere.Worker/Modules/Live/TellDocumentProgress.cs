using System.Collections.Concurrent;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Messaging.Live;
using ChatSphere.Worker.Modules.Knowledge;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Live;

internal sealed class TellDocumentProgress(LiveFeed live, DocumentAudience audience, IServiceScopeFactory scopes) : IDocumentProgress
{
    private const int ForgetAbove = 10_000;
    private readonly ConcurrentDictionary<Guid, Guid> _bots = new();

    public async Task ChangedAsync(Guid documentId, CancellationToken cancellationToken)
    {
        if (!_bots.TryGetValue(documentId, out var botId))
        {
            await using var scope = scopes.CreateAsyncScope();
            botId = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Documents.Where(d => d.Id == documentId).Select(d => d.BotId).SingleOrDefaultAsync(cancellationToken);
            if (botId == Guid.Empty)
            {
                return;
            }

            if (_bots.Count > ForgetAbove)
            {
                _bots.Clear();
            }

            _bots[documentId] = botId;
        }

        foreach (var account in await audience.OfAsync(botId, cancellationToken))
        {
            live.Publish(account, LiveEventTypes.DocumentChanged, new LiveReference(documentId));
        }
    }
}
