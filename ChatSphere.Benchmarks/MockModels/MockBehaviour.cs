using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ChatSphere.Benchmarks.MockModels;

/// <summary>
/// What a model does, read from its name: <c>mock</c> and then knobs in any order, <c>mock-ttft300-itl15-len150-break20</c>.
/// </summary>
internal sealed record MockBehaviour
{
    public const string Knobs = "ttft<ms> itl<ms> len<tokens> fail<status> failonce<status> break<tokens> stall<tokens> empty garbage tool obey cite badcite echo inject aside leak embed-<dimensions>";

    /// <summary>Milliseconds before the first token.</summary>
    public int FirstTokenDelay { get; init; }

    /// <summary>Milliseconds between tokens.</summary>
    public int TokenDelay { get; init; }

    /// <summary>How many tokens; null for 40, or for as many as the answer has when it is made of something given.</summary>
    public int? Length { get; init; }

    /// <summary>Answers every call with this status.</summary>
    public int? Fail { get; init; }

    /// <summary>Answers the first call for each distinct last user message with this status.</summary>
    public int? FailOnce { get; init; }

    /// <summary>Drops the connection after so many tokens.</summary>
    public int? Break { get; init; }

    /// <summary>Sends nothing more after so many tokens, and keeps the connection open.</summary>
    public int? Stall { get; init; }

    /// <summary>A stream without a single event.</summary>
    public bool Empty { get; init; }

    /// <summary>A stream whose data is not JSON.</summary>
    public bool Garbage { get; init; }

    /// <summary>Calls the first tool offered, once, then answers from its result.</summary>
    public bool Tool { get; init; }

    /// <summary>Does what any line <c>CALL name {arguments}</c> says, wherever in the prompt it stands, one after the other: the gullible model of every injection.</summary>
    public bool Obey { get; init; }

    /// <summary>Quotes the sources of the prompt with markers; also the default when the prompt has sources.</summary>
    public bool Cite { get; init; }

    /// <summary>Cites a source that does not exist as well.</summary>
    public bool BadCite { get; init; }

    /// <summary>Repeats the last user message.</summary>
    public bool Echo { get; init; }

    /// <summary>Answers with hostile Markdown.</summary>
    public bool Inject { get; init; }

    /// <summary>Answers what the system asks on the side (a search, a summary, facts about the person, a mood) as it is asked to.</summary>
    public bool Aside { get; init; }

    /// <summary>Recites its instructions.</summary>
    public bool Leak { get; init; }

    /// <summary>Length of an embedding.</summary>
    public int Dimensions { get; init; } = 256;

    /// <summary>False for names that are not ours (no <paramref name="problem"/>) and for knobs that do not exist: a typo must not pass for a measurement.</summary>
    public static bool TryParse(string? model, [NotNullWhen(true)] out MockBehaviour? behaviour, out string? problem)
    {
        behaviour = null;
        problem = null;
        var parts = (model ?? "").Split('-');
        if (parts[0] != "mock")
        {
            return false;
        }

        var read = new MockBehaviour();
        for (var i = 1; i < parts.Length; i++)
        {
            var knob = parts[i].TrimEnd("0123456789".ToCharArray());
            int? number = int.TryParse(parts[i].AsSpan(knob.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= 1_000_000 ? n : null;
            var known = (knob, number) switch
            {
                ("ttft", { } ms) => read with { FirstTokenDelay = ms },
                ("itl", { } ms) => read with { TokenDelay = ms },
                ("len", { } tokens) => read with { Length = tokens },
                ("fail", >= 400 and <= 599) => read with { Fail = number },
                ("failonce", >= 400 and <= 599) => read with { FailOnce = number },
                ("break", { } tokens) => read with { Break = tokens },
                ("stall", { } tokens) => read with { Stall = tokens },
                ("empty", null) => read with { Empty = true },
                ("garbage", null) => read with { Garbage = true },
                ("tool", null) => read with { Tool = true },
                ("obey", null) => read with { Obey = true },
                ("cite", null) => read with { Cite = true },
                ("badcite", null) => read with { BadCite = true },
                ("echo", null) => read with { Echo = true },
                ("inject", null) => read with { Inject = true },
                ("aside", null) => read with { Aside = true },
                ("leak", null) => read with { Leak = true },
                ("embed", null) => read,
                ("embed" or "", >= 8 and <= 8192) when knob == "embed" || parts[i - 1] == "embed" => read with { Dimensions = number!.Value },
                _ => null,
            };
            if (known is null)
            {
                problem = $"'{parts[i]}' is no knob of a mock model; there are: {Knobs}";
                return false;
            }

            read = known;
        }

        behaviour = read;
        return true;
    }
}
