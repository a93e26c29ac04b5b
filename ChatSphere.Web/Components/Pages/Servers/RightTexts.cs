using System.Globalization;
using ChatSphere.Contracts.Communities;

namespace ChatSphere.Web.Components.Pages.Servers;

/// <summary>Rights in servers, in the order in which people look for them, and their bits.</summary>
internal static class RightTexts
{
    private static readonly (string Group, string[] Rights)[] Groups =
    [
        ("Seeing and writing",
        [
            ServerRights.ViewChannel, ServerRights.ReadMessageHistory, ServerRights.SendMessages, ServerRights.SendMessagesInThreads, ServerRights.CreateThreads, ServerRights.AttachFiles, ServerRights.EmbedLinks,
            ServerRights.AddReactions, ServerRights.UseExternalEmoji, ServerRights.SendPolls, ServerRights.UseCommands, ServerRights.MentionEveryone,
        ]),
        ("Talking", [ServerRights.Connect, ServerRights.Speak, ServerRights.PrioritySpeaker]),
        ("People", [ServerRights.CreateInvite, ServerRights.ChangeNickname]),
        ("Keeping order",
        [
            ServerRights.ManageMessages, ServerRights.PinMessages, ServerRights.ManageThreads, ServerRights.ManageNicknames, ServerRights.ModerateMembers, ServerRights.KickMembers, ServerRights.BanMembers,
            ServerRights.MuteMembers, ServerRights.DeafenMembers, ServerRights.MoveMembers, ServerRights.ViewAuditLog,
        ]),
        ("Running the server",
            [ServerRights.ManageServer, ServerRights.ManageRoles, ServerRights.ManageChannels, ServerRights.ManageEmoji, ServerRights.ManageWebhooks, ServerRights.ViewInsights, ServerRights.Administrator]),
    ];

    /// <summary>What is known, group by group; what these groups do not name yet comes last.</summary>
    public static IEnumerable<(string Group, IReadOnlyList<ServerPermissionResponse> Rights)> Grouped(IReadOnlyList<ServerPermissionResponse> known)
    {
        foreach (var (group, names) in Groups)
        {
            var rights = names.Select(n => known.FirstOrDefault(k => k.Name == n)).OfType<ServerPermissionResponse>().ToList();
            if (rights.Count > 0)
            {
                yield return (group, rights);
            }
        }

        var rest = known.Where(k => !Groups.Any(g => g.Rights.Contains(k.Name))).ToList();
        if (rest.Count > 0)
        {
            yield return ("More", rest);
        }
    }

    public static long Bits(string wire) => long.Parse(wire, NumberStyles.None, CultureInfo.InvariantCulture);

    public static string Wire(long bits) => bits.ToString(CultureInfo.InvariantCulture);

    /// <summary>The bits of these names.</summary>
    public static long Bits(IReadOnlyList<ServerPermissionResponse> known, IEnumerable<string> names) => names.Aggregate(0L, (all, n) => all | (known.FirstOrDefault(k => k.Name == n) is { } right ? Bits(right.Bit) : 0));
}
