using ChatSphere.Data.Communities;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.CommunitySearch;

/// <summary>What it said before has left the index with the edit; this brings what it says now.</summary>
internal sealed class IndexEditedMessage(MessageIndex index) : IHandle<MessageEdited>
{
    public Task HandleAsync(MessageEdited happened, CancellationToken cancellationToken) => index.AddAsync(happened.MessageId, IndexPostedMessage.Tell, cancellationToken);
}
