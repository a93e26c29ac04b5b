using ChatSphere.Api.Responses;
using ChatSphere.Api.Sharing;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Sharing;

namespace ChatSphere.Api.Modules.Bots;

internal static class ShareResponses
{
    public static async Task<IReadOnlyList<ShareResponse>> OfBotAsync(ChatSphereDb db, Guid botId, CancellationToken cancellationToken) =>
        [.. (await Grantees.OfAsync(db, botId, cancellationToken)).Select(s =>
            new ShareResponse(s.Share.Id, s.Grantee, BotResponses.ToWire(s.Share.Right), s.Share.ResourceKind == ShareOf.Bot ? SharedThing.Bot : SharedThing.Knowledge, s.Share.CreatedAt))];
}
