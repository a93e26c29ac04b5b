using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ChannelKind = ChatSphere.Data.Communities.ChannelKind;

namespace ChatSphere.Api.Modules.Communities;

internal static class CreateServer
{
    private const int Most = 100;

    public static async Task<Results<Created<ServerResponse>, ProblemHttpResult>> HandleAsync(
        CreateServerRequest request, CurrentUser user, ChatSphereDb db, ServerLog log, CommunitySignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (await db.Servers.CountAsync(s => s.OwnerId == user.AccountId, cancellationToken) >= Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"One may own {Most} servers.");
        }

        var now = time.GetUtcNow();
        var server = Server.Create(request.Name.Trim(), user.AccountId, now);
        db.Add(server);
        db.Add(new ServerRole
        {
            Id = server.Id, ServerId = server.Id, Name = "everyone", NameKey = LookAlikes.KeyOf("everyone"), Permissions = (long)ServerPermissionNames.Everyday, Position = 0, CreatedAt = now,
        });
        db.Add(new ServerMember { ServerId = server.Id, MemberId = user.AccountId, Kind = MemberKind.Person, JoinedAt = now });
        db.Add(Channel.InServer(server.Id, ChannelKind.Text, "general", null, 0, user.AccountId, now));
        log.Record(server.Id, user.AccountId, ServerActions.ServerCreated, ServerLogTarget.Server, server.Id);
        await db.SaveChangesAsync(cancellationToken);
        signals.MembershipsChanged(server.Id, user.AccountId);
        return TypedResults.Created($"/v1/servers/{server.Id}", ServerResponses.From(server, ServerPermissionNames.All));
    }
}
