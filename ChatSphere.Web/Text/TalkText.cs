using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Web.Text;

/// <summary>A conversation as one text, for whoever reads it as a whole.</summary>
/// <param name="All">Who said what, the newest of it where it is too long for all.</param>
/// <param name="Asked">What the person said of that.</param>
/// <param name="Messages">How many are in it.</param>
/// <param name="IsWhole">Nothing was left out.</param>
public sealed record TalkText(string All, string Asked, int Messages, bool IsWhole)
{
    /// <summary>As much as the Api takes, with some to spare for what it counts otherwise.</summary>
    public const int Most = 39_000;

    /// <summary>Of what is only looked at, not retold.</summary>
    public const int MostToTell = 19_000;

    /// <param name="newestFirst">Of one branch.</param>
    public static TalkText Of(IEnumerable<MessageResponse> newestFirst, string botName)
    {
        var (parts, asked, left, whole) = (new List<string>(), new List<string>(), Most, true);
        foreach (var message in newestFirst.Where(m => m.Status is not MessageStatus.Generating && !string.IsNullOrWhiteSpace(m.Text)))
        {
            var isAsked = message.Role is MessageRole.User;
            var text = message.Text.Trim();
            var said = $"{(isAsked ? "I" : botName)}: {text}";
            if (said.Length > left)
            {
                whole = false;
                if (parts.Count > 0)
                {
                    break;
                }

                // A single message longer than everything: its beginning.
                said = Start(said, left);
                text = Start(text, left);
            }

            left -= said.Length + 2;
            parts.Add(said);
            if (isAsked)
            {
                asked.Add(text);
            }

            if (!whole || left <= 0)
            {
                break;
            }
        }

        parts.Reverse();
        asked.Reverse();
        return new(string.Join("\n\n", parts), Start(string.Join("\n\n", asked), MostToTell), parts.Count, whole);
    }

    /// <summary>At most so many characters of the beginning, and never half of one.</summary>
    public static string Start(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>At most so many characters of the end.</summary>
    public static string End(string text, int most) => text.Length <= most ? text : text[(char.IsLowSurrogate(text[^most]) ? text.Length - most + 1 : text.Length - most)..];
}
