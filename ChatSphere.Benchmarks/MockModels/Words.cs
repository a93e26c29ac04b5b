namespace ChatSphere.Benchmarks.MockModels;

/// <summary>Plain words in plain sentences, the same for the same seed on every machine.</summary>
internal static class Words
{
    private static readonly string[] Vocabulary =
        ("time year people way day thing woman life child world school state family student group country problem hand part place case week company system program question work "
        + "government number night point home water room mother area money story fact month lot right study book eye job word business issue side kind head house friend father "
        + "power hour game line end member law car city community name president team minute idea body information back parent face others level office door health person art war "
        + "history party result change morning reason research girl guy moment air teacher force education river mountain garden window table letter paper bridge market summer "
        + "winter harbour island valley forest engine signal record measure balance pressure surface layer pattern sample method review policy contract notice archive report "
        + "is was has makes takes gives finds keeps shows holds turns moves brings leads runs stands opens closes follows begins grows falls rises joins leaves covers meets "
        + "small large early late clear quiet steady open common final local simple formal public recent usual narrow broad plain useful careful certain under over through between")
        .Split(' ');

    /// <summary>A hash that does not change from run to run, which <see cref="string.GetHashCode()"/> does.</summary>
    public static uint Hash(ReadOnlySpan<char> text)
    {
        var hash = 2166136261u;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash;
    }

    /// <summary>Tokens of one word each, with the blank before it but for the first of a text.</summary>
    public static IEnumerable<string> Seeded(string seed, int count, bool startsText = true)
    {
        var state = Hash(seed) | 1;
        var left = 0;
        for (var i = 0; i < count; i++)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            var word = Vocabulary[state % (uint)Vocabulary.Length];
            var starts = left == 0;
            if (starts)
            {
                left = 6 + (int)(state >> 16) % 9;
                word = char.ToUpperInvariant(word[0]) + word[1..];
            }

            left--;
            yield return (i == 0 && startsText ? "" : " ") + word + (left == 0 || i == count - 1 ? "." : "");
        }
    }
}
