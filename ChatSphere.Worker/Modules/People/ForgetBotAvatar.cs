using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Files;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.People;

/// <summary>Removes the file of a bot's picture, unless something else has the same bytes.</summary>
public sealed class ForgetBotAvatar(ChatSphereDb db, BlobStore blobs) : IHandle<BotAvatarReleased>
{
    public Task HandleAsync(BotAvatarReleased happened, CancellationToken cancellationToken) => blobs.RemoveIfUnusedAsync(db, happened.Sha256, cancellationToken);
}
