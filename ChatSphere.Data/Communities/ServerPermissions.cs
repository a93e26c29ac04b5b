using System.Collections.Frozen;
using System.Globalization;

namespace ChatSphere.Data.Communities;

/// <summary>
/// What roles of a server and overwrites of its channels allow. Positions and meaning are Discord's, so that bots and people find what they know; on the wire a decimal
/// number in a string, as there.
/// </summary>
[Flags]
public enum ServerPermissions : long
{
    None = 0,
    CreateInvite = 1L << 0,
    KickMembers = 1L << 1,
    BanMembers = 1L << 2,

    /// <summary>Everything, and no overwrite takes anything away.</summary>
    Administrator = 1L << 3,
    ManageChannels = 1L << 4,
    ManageServer = 1L << 5,
    AddReactions = 1L << 6,
    ViewAuditLog = 1L << 7,
    PrioritySpeaker = 1L << 8,
    ViewChannel = 1L << 10,
    SendMessages = 1L << 11,
    ManageMessages = 1L << 13,
    EmbedLinks = 1L << 14,
    AttachFiles = 1L << 15,
    ReadMessageHistory = 1L << 16,
    MentionEveryone = 1L << 17,
    UseExternalEmoji = 1L << 18,
    ViewInsights = 1L << 19,
    Connect = 1L << 20,
    Speak = 1L << 21,
    MuteMembers = 1L << 22,
    DeafenMembers = 1L << 23,
    MoveMembers = 1L << 24,
    ChangeNickname = 1L << 26,
    ManageNicknames = 1L << 27,
    ManageRoles = 1L << 28,
    ManageWebhooks = 1L << 29,
    ManageEmoji = 1L << 30,
    UseCommands = 1L << 31,
    ManageThreads = 1L << 34,
    CreateThreads = 1L << 35,
    SendMessagesInThreads = 1L << 38,

    /// <summary>Time members out.</summary>
    ModerateMembers = 1L << 40,
    SendPolls = 1L << 49,
    PinMessages = 1L << 51,
}

/// <summary>The wire form, and what is known of each bit.</summary>
public static class ServerPermissionNames
{
    /// <summary>Every bit that exists.</summary>
    public const ServerPermissions All =
        ServerPermissions.CreateInvite | ServerPermissions.KickMembers | ServerPermissions.BanMembers | ServerPermissions.Administrator | ServerPermissions.ManageChannels | ServerPermissions.ManageServer
        | ServerPermissions.AddReactions | ServerPermissions.ViewAuditLog | ServerPermissions.PrioritySpeaker | ServerPermissions.ViewChannel | ServerPermissions.SendMessages | ServerPermissions.ManageMessages
        | ServerPermissions.EmbedLinks | ServerPermissions.AttachFiles | ServerPermissions.ReadMessageHistory | ServerPermissions.MentionEveryone | ServerPermissions.UseExternalEmoji | ServerPermissions.ViewInsights
        | ServerPermissions.Connect | ServerPermissions.Speak | ServerPermissions.MuteMembers | ServerPermissions.DeafenMembers | ServerPermissions.MoveMembers | ServerPermissions.ChangeNickname
        | ServerPermissions.ManageNicknames | ServerPermissions.ManageRoles | ServerPermissions.ManageWebhooks | ServerPermissions.ManageEmoji | ServerPermissions.UseCommands | ServerPermissions.ManageThreads
        | ServerPermissions.CreateThreads | ServerPermissions.SendMessagesInThreads | ServerPermissions.ModerateMembers | ServerPermissions.SendPolls | ServerPermissions.PinMessages;

    /// <summary>What everybody in a new server may do.</summary>
    public const ServerPermissions Everyday =
        ServerPermissions.CreateInvite | ServerPermissions.AddReactions | ServerPermissions.ViewChannel | ServerPermissions.SendMessages | ServerPermissions.EmbedLinks | ServerPermissions.AttachFiles
        | ServerPermissions.ReadMessageHistory | ServerPermissions.UseExternalEmoji | ServerPermissions.Connect | ServerPermissions.Speak | ServerPermissions.ChangeNickname | ServerPermissions.UseCommands
        | ServerPermissions.CreateThreads | ServerPermissions.SendMessagesInThreads | ServerPermissions.SendPolls;

    /// <summary>As on the wire: snake_case, one bit each.</summary>
    public static IReadOnlyDictionary<string, ServerPermissions> ByName { get; } =
        Enum.GetValues<ServerPermissions>().Where(p => p != ServerPermissions.None).ToFrozenDictionary(p => SnakeCase(p.ToString()));

    public static string ToWire(this ServerPermissions permissions) => ((long)permissions).ToString(CultureInfo.InvariantCulture);

    /// <summary>False for what is no decimal number without sign, space and leading zeros, and for bits that do not exist: a later version might give them a meaning.</summary>
    public static bool TryParse(string? wire, out ServerPermissions permissions)
    {
        permissions = ServerPermissions.None;
        if (wire is not { Length: > 0 and <= 19 } || wire.AsSpan().ContainsAnyExceptInRange('0', '9') || (wire.Length > 1 && wire[0] == '0')
            || !long.TryParse(wire, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) || (bits & ~(long)All) != 0)
        {
            return false;
        }

        permissions = (ServerPermissions)bits;
        return true;
    }

    private static string SnakeCase(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
