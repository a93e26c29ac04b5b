using ChatSphere.Data;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Names that say something about whom they do not belong to, and whatever looks like them.</summary>
internal static class ReservedNames
{
    private static readonly HashSet<string> Keys = [.. new[] { "everyone", "@everyone", "here", "@here", "system", "chatsphere", "deleted user", "deleted account", "moderator of the site" }.Select(LookAlikes.KeyOf)];

    /// <summary>Null when anybody may have it, else a sentence.</summary>
    public static string? Problem(string name) => Keys.Contains(LookAlikes.KeyOf(name)) ? "This name is reserved, or looks like one that is." : null;
}
