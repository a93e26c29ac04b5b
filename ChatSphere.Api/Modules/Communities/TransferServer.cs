using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>The server gets another owner. Who had it stays a member with the roles that they have.</summary>
internal static class TransferServer
{
    public static async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> HandleAsync(
        Guid serverId, TransferServerRequest request, CurrentUser user, Seats seats, ServerChanges changes, AuditTrail audit, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        if (!change.Seat.IsOwner)
        {
            return ServerChange.OwnerOnly();
        }

        if (request.MemberId == user.AccountId || await change.MemberAsync(request.MemberId, cancellationToken) is not { Row.Kind: MemberKind.Person })
        {
            return Problems.Invalid("memberId", "Another person who is a member of this server.");
        }

        change.Server.OwnerId = request.MemberId;
        change.Record(ServerActions.ServerTransferred, ServerLogTarget.Member, request.MemberId);
        audit.Record(AuditActions.ServerTransferred, "server", serverId, new { from = user.AccountId, to = request.MemberId });
        await change.CommitAsync(cancellationToken);
        signals.ServerChanged(serverId);
        return await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is { } seat ? TypedResults.Ok(ServerResponses.From(change.Server, seat.Permissions)) : Problems.NotFound();
    }
}
