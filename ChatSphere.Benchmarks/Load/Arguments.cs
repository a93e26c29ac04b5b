using System.Globalization;

namespace ChatSphere.Benchmarks.Load;

/// <summary><c>--name value</c> pairs, and what follows a bare <c>--</c>.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    private Arguments(string[] rest) => Rest = rest;

    /// <summary>A command line to run, for the verb that takes one.</summary>
    public string[] Rest { get; }

    /// <exception cref="ArgumentException">An option is unknown or has no value: a typo must not silently measure something else.</exception>
    public static Arguments Parse(string[] args, params string[] known)
    {
        var bare = Array.IndexOf(args, "--");
        var options = bare < 0 ? args : args[..bare];
        var result = new Arguments(bare < 0 ? [] : args[(bare + 1)..]);
        for (var i = 0; i < options.Length; i += 2)
        {
            var name = options[i].StartsWith("--", StringComparison.Ordinal) ? options[i][2..] : "";
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"'{options[i]}' is no option here; there are: {string.Join(' ', known.Select(k => "--" + k))}");
            }

            result.values[name] = i + 1 < options.Length ? options[i + 1] : throw new ArgumentException($"{options[i]} needs a value");
        }

        return result;
    }

    public string? Text(string name) => values.GetValueOrDefault(name);

    public string Required(string name) => Text(name) ?? throw new ArgumentException($"--{name} is missing");

    public Uri? Address(string name) => Text(name) is { } text
        ? Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var uri) ? uri : throw new ArgumentException($"--{name} is no address: {text}")
        : null;

    public Uri RequiredAddress(string name) => Address(name) ?? throw new ArgumentException($"--{name} is missing");

    public int Number(string name, int otherwise) => OptionalNumber(name) ?? otherwise;

    public int? OptionalNumber(string name) => Text(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"--{name} is no number: {text}");
}
