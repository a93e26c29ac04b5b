using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ChannelKind = ChatSphere.Data.Communities.ChannelKind;

namespace ChatSphere.Api.Modules.Communities;

internal static class CreateChannel
{
    private const int Most = 500;

    public static async Task<Results<Created<ChannelResponse>, ProblemHttpResult>> HandleAsync(
        Guid serverId, CreateChannelRequest request, CurrentUser user, ChatSphereDb db, Seats seats, CommunitySignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ManageChannels))
        {
            return ServerResponses.Missing(ServerPermissions.ManageChannels);
        }

        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (request.Kind is Contracts.Communities.ChannelKind.Thread or Contracts.Communities.ChannelKind.Direct or Contracts.Communities.ChannelKind.Group)
        {
            return Problems.Invalid("kind", "Text, announcement, voice or category.");
        }

        if (request.ParentId is { } parentId && (request.Kind == Contracts.Communities.ChannelKind.Category || !seat.Server.Channels.TryGetValue(parentId, out var parent) || parent.Kind != ChannelKind.Category))
        {
            return Problems.Invalid("parentId", "A category of this server, and none for a category.");
        }

        if (seat.Server.Channels.Count >= Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"A server has at most {Most} channels.");
        }

        var last = await db.Channels.Where(c => c.ServerId == serverId && c.ParentId == request.ParentId && c.DeletedAt == null).MaxAsync(c => (int?)c.Position, cancellationToken) ?? -1;
        var channel = Channel.InServer(serverId, (ChannelKind)request.Kind, request.Name.Trim(), request.ParentId, last + 1, user.AccountId, time.GetUtcNow());
        channel.Topic = request.Topic?.Trim() ?? "";
        db.Add(channel);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Problems.Conflict(ErrorCodes.NameTaken, "A channel of this name, or of one that looks like it, is there already.");
        }

        signals.ServerChanged(serverId);
        return TypedResults.Created($"/v1/channels/{channel.Id}", ServerResponses.From(channel, seat.Permissions, null, 0, 0));
    }
}
