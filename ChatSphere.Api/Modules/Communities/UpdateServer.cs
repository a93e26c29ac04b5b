using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Communities;

internal static class UpdateServer
{
    public static async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> HandleAsync(
        Guid serverId, UpdateServerRequest request, CurrentUser user, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        if (!change.Seat.May(ServerPermissions.ManageServer))
        {
            return ServerResponses.Missing(ServerPermissions.ManageServer);
        }

        if (request.Name is { } name && TextRules.Problem(name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (request.Description is { } description && TextRules.HasUnstorable(description))
        {
            return Problems.Invalid("description", "It must not contain NUL characters or broken surrogates.");
        }

        var server = change.Server;
        var before = (server.Name, server.Description, server.IsDiscoverable);
        server.Name = request.Name?.Trim() ?? server.Name;
        server.Description = request.Description?.Trim() ?? server.Description;
        server.IsDiscoverable = request.IsDiscoverable ?? server.IsDiscoverable;
        if (before != (server.Name, server.Description, server.IsDiscoverable))
        {
            change.Record(ServerActions.ServerChanged, ServerLogTarget.Server, serverId, details: new { name = server.Name == before.Name ? null : server.Name, description = server.Description != before.Description, isDiscoverable = server.IsDiscoverable });
            await change.CommitAsync(cancellationToken);
            signals.ServerChanged(serverId);
        }

        return TypedResults.Ok(ServerResponses.From(server, change.Seat.Permissions));
    }
}
