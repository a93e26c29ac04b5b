using ChatSphere.Contracts.Live;
using ChatSphere.Data.People;
using ChatSphere.Messaging;
using ChatSphere.Messaging.Live;

namespace ChatSphere.Worker.Modules.Live;

/// <summary>Both learn with whom something changed, and what, they look up as themselves.</summary>
internal sealed class TellRelationshipChanged(LiveFeed live) : IHandle<RelationshipChanged>
{
    public Task HandleAsync(RelationshipChanged happened, CancellationToken cancellationToken)
    {
        live.Publish(happened.LowId, LiveEventTypes.RelationshipChanged, new LiveReference(happened.HighId));
        live.Publish(happened.HighId, LiveEventTypes.RelationshipChanged, new LiveReference(happened.LowId));
        return Task.CompletedTask;
    }
}
