using System.Text.Json;
using ChatSphere.Contracts.Communities;

namespace ChatSphere.Web.Components.Pages.Servers;

/// <summary>Entries of a server's log as sentences.</summary>
internal static class LogTexts
{
    public static readonly (string Action, string Text)[] Choices =
    [
        ("member.joined", "Who came"), ("member.left", "Who left"), ("member.removed", "Who was removed"), ("member.banned", "Who was banned"), ("member.timed_out", "Who was timed out"),
        ("member.role_given", "Roles given"), ("member.role_taken", "Roles taken"), ("role.changed", "Roles changed"), ("channel.created", "Channels made"), ("channel.deleted", "Channels deleted"),
        ("channel.overwrite_set", "Rights in channels"), ("invite.created", "Invites"), ("server.changed", "The server itself"),
    ];

    public static string Sentence(ServerLogEntryResponse e)
    {
        var who = e.ActorId is null ? "Somebody" : e.ActorName ?? "Somebody who has left";
        var whom = e.TargetName ?? "somebody who has left";
        var role = e.TargetName ?? Detail(e, "role") ?? "a role";
        var channel = e.TargetName ?? Detail(e, "channel") ?? "a channel";
        return e.Action switch
        {
            "server.created" => $"{who} made this server",
            "server.changed" => $"{who} changed the server",
            "server.transferred" => $"{who} gave the server to {whom}",
            "server.deleted" => $"{who} deleted the server",
            "server.restored" => $"{who} took back that the server was deleted",
            "server.closed" => "This site’s moderators closed the server",
            "server.reopened" => "This site’s moderators opened the server again",
            "member.joined" => Detail(e, "by") == "discovery" ? $"{whom} found the server and joined" : $"{whom} came by an invite",
            "member.left" => $"{whom} left",
            "member.renamed" => $"{who} changed the nickname of {whom}",
            "member.removed" => $"{who} removed {whom}",
            "member.timed_out" => $"{who} timed {whom} out",
            "member.timeout_ended" => $"{who} ended the time-out of {whom}",
            "member.banned" => $"{who} banned {whom}",
            "member.unbanned" => $"{who} lifted the ban of {whom}",
            "member.role_given" => $"{who} gave {whom} the role {Detail(e, "role")}",
            "member.role_taken" => $"{who} took the role {Detail(e, "role")} from {whom}",
            "role.created" => $"{who} made the role {role}",
            "role.changed" => $"{who} changed the role {role}",
            "role.ordered" => $"{who} put the roles in another order",
            "role.deleted" => $"{who} deleted the role {role}",
            "channel.created" => $"{who} made the channel {channel}",
            "channel.changed" => $"{who} changed the channel {channel}",
            "channel.ordered" => $"{who} put the channels in another order",
            "channel.deleted" => $"{who} deleted the channel {channel}",
            "channel.overwrite_set" or "channel.overwrite_removed" => $"{who} changed who may do what in {channel}",
            "channel.synced" => $"{who} brought the channel {channel} in step with its category",
            "invite.created" => $"{who} made an invite",
            "invite.revoked" => $"{who} took an invite back",
            _ => $"{who}: {e.Action}",
        };
    }

    private static string? Detail(ServerLogEntryResponse e, string name) =>
        e.Details is { ValueKind: JsonValueKind.Object } details && details.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
