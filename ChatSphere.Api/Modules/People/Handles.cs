using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ChatSphere.Data;

namespace ChatSphere.Api.Modules.People;

/// <summary>
/// What a handle may be. Handles are stored and shown in lower case, so that a capital I is never taken for an l.
/// </summary>
internal static class Handles
{
    public const int MinLength = 3;
    public const int MaxLength = 30;

    private static readonly FrozenSet<string> Reserved = new[]
    {
        "admin", "administrator", "administrators", "root", "system", "sysadmin", "moderator", "moderators", "mod", "staff", "owner", "support", "help", "security", "official", "chatsphere", "everyone", "here",
        "channel", "all", "me", "you", "anonymous", "nobody", "unknown", "null", "undefined", "deleted", "deleted-user", "deleted_user", "deleted.user", "deleteduser", "bot", "bots", "api", "www", "mail",
        "postmaster", "webmaster", "abuse", "noreply", "no-reply", "settings", "login", "signin", "sign-in", "register",
    }.Select(SkeletonOf).ToFrozenSet();

    /// <summary>As it is stored and shown: without a leading <c>@</c>, composed by compatibility (NFKC), in lower case.</summary>
    public static string Fold(string handle)
    {
        var bare = handle.Trim();
        bare = bare.StartsWith('@') ? bare[1..] : bare;
        return bare.Normalize(NormalizationForm.FormKC).ToLowerInvariant().Normalize(NormalizationForm.FormKC);
    }

    /// <summary>Null when a folded handle is fine, else a sentence.</summary>
    public static string? Problem(string folded)
    {
        if (folded.Length is < MinLength or > MaxLength)
        {
            return $"{MinLength} to {MaxLength} characters.";
        }

        for (var i = 0; i < folded.Length; i++)
        {
            var isEdge = i == 0 || i == folded.Length - 1;
            if (!char.IsLetterOrDigit(folded[i]) && (isEdge || folded[i] is not ('_' or '-' or '.') || folded[i - 1] is '_' or '-' or '.')
                && (i == 0 || char.GetUnicodeCategory(folded[i]) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)))
            {
                return "Letters and digits, and between them single dots, hyphens and underscores.";
            }
        }

        return null;
    }

    public static bool IsReserved(string skeleton) => Reserved.Contains(skeleton);

    /// <summary>The same for handles that look alike.</summary>
    public static string SkeletonOf(string folded) => LookAlikes.SkeletonOf(folded);
}
