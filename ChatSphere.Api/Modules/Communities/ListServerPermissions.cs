using System.Collections.Frozen;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using P = ChatSphere.Data.Communities.ServerPermissions;

namespace ChatSphere.Api.Modules.Communities;

internal static class ListServerPermissions
{
    private static readonly FrozenDictionary<P, (string Description, bool InChannels)> Known = new Dictionary<P, (string, bool)>
    {
        [P.Administrator] = ("Everything; no channel takes anything away", false),
        [P.ViewChannel] = ("See channels", true),
        [P.ManageChannels] = ("Make, change and delete channels", true),
        [P.ManageRoles] = ("Make roles below one's own and give them", true),
        [P.ManageServer] = ("Change the server's name and settings", false),
        [P.ManageEmoji] = ("Add and remove emoji of the server", false),
        [P.ViewAuditLog] = ("See what was done in the server", false),
        [P.ViewInsights] = ("See figures about the server", false),
        [P.ManageWebhooks] = ("Make and remove webhooks", true),
        [P.CreateInvite] = ("Invite others", true),
        [P.ChangeNickname] = ("Take a nickname", false),
        [P.ManageNicknames] = ("Change others' nicknames", false),
        [P.KickMembers] = ("Remove members", false),
        [P.BanMembers] = ("Remove members for good", false),
        [P.ModerateMembers] = ("Time members out", false),
        [P.SendMessages] = ("Write messages", true),
        [P.SendMessagesInThreads] = ("Write in threads", true),
        [P.CreateThreads] = ("Begin threads", true),
        [P.EmbedLinks] = ("Show previews of links", true),
        [P.AttachFiles] = ("Attach files", true),
        [P.AddReactions] = ("React to messages", true),
        [P.UseExternalEmoji] = ("Use emoji of other servers", true),
        [P.MentionEveryone] = ("Mention everyone, and every role", true),
        [P.ManageMessages] = ("Delete others' messages", true),
        [P.PinMessages] = ("Pin messages", true),
        [P.ManageThreads] = ("Change, lock and delete threads", true),
        [P.ReadMessageHistory] = ("Read what was written before", true),
        [P.SendPolls] = ("Ask with polls", true),
        [P.UseCommands] = ("Use commands", true),
        [P.Connect] = ("Join voice channels", true),
        [P.Speak] = ("Speak in voice channels", true),
        [P.PrioritySpeaker] = ("Be heard above others", true),
        [P.MuteMembers] = ("Mute others in voice channels", true),
        [P.DeafenMembers] = ("Keep others from hearing in voice channels", true),
        [P.MoveMembers] = ("Move others between voice channels", true),
    }.ToFrozenDictionary();

    private static readonly IReadOnlyList<ServerPermissionResponse> All =
        [.. ServerPermissionNames.ByName.OrderBy(p => p.Value).Select(p => new ServerPermissionResponse(p.Key, p.Value.ToWire(), Known[p.Value].Description, Known[p.Value].InChannels))];

    /// <summary>What overwrites of channels can be about.</summary>
    public static P InChannels { get; } = Known.Where(k => k.Value.InChannels).Aggregate(P.None, (all, k) => all | k.Key);

    public static Ok<IReadOnlyList<ServerPermissionResponse>> Handle() => TypedResults.Ok(All);
}
