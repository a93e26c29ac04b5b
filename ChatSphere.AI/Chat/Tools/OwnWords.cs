using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ChatSphere.AI.Chat.Tools;

/// <summary>
/// Whether the arguments of a call to the outside are made of the person's own words. Once text of others is in an answer's prompt, somebody may have written into it what the
/// model is to send and where; no filter knows such text from other text. But what consists of the person's words, in whatever order, carries nothing out that was not the person's
/// to begin with, whatever encoding a model is talked into: an encoded secret is a word that nobody wrote. See docs/adr/0018.
/// </summary>
internal sealed partial class OwnWords
{
    // A date, a page, a few small amounts: what people say in other words. More could spell something out.
    private const int MostSmallNumbers = 3;
    private const int MostDates = 2;
    private static readonly SearchValues<char> Between = SearchValues.Create(" .,;:!?'\"()/-_+&@#%\n");
    private readonly HashSet<string> _persons = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, HashSet<string>> _ofPeers = new(StringComparer.OrdinalIgnoreCase);

    public OwnWords(AnswerRequest request)
    {
        Add(_persons, request.Question);
        foreach (var said in request.History.Where(m => m.Role == PastRole.User))
        {
            Add(_persons, said.Text);
        }
    }

    /// <summary>What one side sent may go back to that side: an id from a list into the next call.</summary>
    public void Learn(string peer, string result)
    {
        if (!_ofPeers.TryGetValue(peer, out var words))
        {
            _ofPeers.Add(peer, words = new(StringComparer.OrdinalIgnoreCase));
        }

        Add(words, result);
    }

    public bool Hold(JsonElement arguments, ChatTool tool)
    {
        var fixedTexts = new HashSet<string>(StringComparer.Ordinal);
        Texts(tool.JsonSchema, fixedTexts, 0);
        var check = new Check(this, tool.Peer is { } peer ? _ofPeers.GetValueOrDefault(peer) : null, fixedTexts);
        return check.Holds(arguments, 0);
    }

    private static void Add(HashSet<string> words, string text)
    {
        foreach (var (word, _) in Split(text))
        {
            words.Add(word);
        }
    }

    /// <summary>Words and what stands before each; last what stands behind the last, with an empty word.</summary>
    private static IEnumerable<(string Word, string Before)> Split(string text)
    {
        text = Normal(text);
        var start = 0;
        foreach (Match match in Word().Matches(text))
        {
            yield return (match.Value, text[start..match.Index]);
            start = match.Index + match.Length;
        }

        yield return ("", text[start..]);
    }

    /// <summary>A lone surrogate cannot be normalised; such text is nobody's.</summary>
    private static string Normal(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            return "\uFFFD";
        }
    }

    /// <summary>Names and values that the schema itself offers.</summary>
    private static void Texts(JsonElement schema, HashSet<string> texts, int depth)
    {
        if (depth > 16 || schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var part in schema.EnumerateObject())
        {
            switch (part.Name)
            {
                case "properties" or "$defs" or "definitions" when part.Value.ValueKind == JsonValueKind.Object:
                    foreach (var property in part.Value.EnumerateObject())
                    {
                        if (part.Name == "properties")
                        {
                            texts.Add(property.Name);
                        }

                        Texts(property.Value, texts, depth + 1);
                    }

                    break;
                case "enum" when part.Value.ValueKind == JsonValueKind.Array:
                    texts.UnionWith(part.Value.EnumerateArray().Select(Plain));
                    break;
                case "const" or "default":
                    texts.Add(Plain(part.Value));
                    break;
                case "anyOf" or "oneOf" or "allOf" when part.Value.ValueKind == JsonValueKind.Array:
                    foreach (var choice in part.Value.EnumerateArray())
                    {
                        Texts(choice, texts, depth + 1);
                    }

                    break;
                case "items" or "additionalProperties":
                    Texts(part.Value, texts, depth + 1);
                    break;
                default:
                    break;
            }
        }
    }

    private static string Plain(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private sealed class Check(OwnWords own, HashSet<string>? ofPeer, HashSet<string> fixedTexts)
    {
        private int _numbers;
        private int _dates;

        public bool Holds(JsonElement value, int depth) => depth <= 16 && value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().All(p => fixedTexts.Contains(p.Name) && Holds(p.Value, depth + 1)),
            JsonValueKind.Array => value.EnumerateArray().All(e => Holds(e, depth + 1)),
            JsonValueKind.String => IsOwn(value.GetString()!),
            JsonValueKind.Number => IsOwn(value.GetRawText()),
            _ => true,
        };

        private bool IsOwn(string text)
        {
            if (fixedTexts.Contains(text))
            {
                return true;
            }

            if (Date().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date.Year is >= 1900 and <= 2100)
            {
                return ++_dates <= MostDates;
            }

            foreach (var (word, before) in Split(text))
            {
                // Between words stands what stands between words; a long run of signs is a text of its own.
                if (before.Length > 3 || before.AsSpan().ContainsAnyExcept(Between))
                {
                    return false;
                }

                if (word.Length > 0 && !own._persons.Contains(word) && ofPeer?.Contains(word) != true && !(word.Length <= 3 && word.All(char.IsAsciiDigit) && ++_numbers <= MostSmallNumbers))
                {
                    return false;
                }
            }

            return true;
        }
    }

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?\z")]
    private static partial Regex Date();
}
