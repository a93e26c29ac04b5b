using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace ChatSphere.Contracts.Conversations;

/// <param name="Name">What is typed after the slash: lower case letters, digits, hyphens.</param>
/// <param name="Text">With places to fill in: <c>{{name}}</c>, <c>{{name=what stands there otherwise}}</c>, <c>{{name:one|two|three}}</c>.</param>
public sealed record PromptRequest([property: Required, StringLength(40, MinimumLength = 1)] string Name, [property: Required, StringLength(16_000, MinimumLength = 1)] string Text);

public sealed partial record PromptResponse(Guid Id, string Name, string Text, IReadOnlyList<PromptVariable> Variables, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <param name="Default">What stands there when nothing is filled in.</param>
/// <param name="Choices">Empty: anything may be filled in.</param>
public sealed record PromptVariable(string Name, string? Default, IReadOnlyList<string> Choices);

/// <summary>The places of a prompt. What is filled in is text: places in it are not filled in again.</summary>
public static partial class PromptTemplate
{
    public static IReadOnlyList<PromptVariable> VariablesOf(string text) => [.. Place().Matches(text).Select(Read).DistinctBy(v => v.Name)];

    /// <param name="values">By name; what is missing or empty stays at its default, or at nothing.</param>
    public static string Fill(string text, IReadOnlyDictionary<string, string> values)
    {
        var known = VariablesOf(text).ToDictionary(v => v.Name);
        return Place().Replace(text, match =>
        {
            var name = match.Groups["name"].Value;
            return values.TryGetValue(name, out var value) && value.Length > 0 ? value : known[name].Default ?? "";
        });
    }

    private static PromptVariable Read(Match match)
    {
        var choices = match.Groups["choices"].Success ? match.Groups["choices"].Value.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
        return new PromptVariable(match.Groups["name"].Value, match.Groups["default"].Success ? match.Groups["default"].Value.Trim() : choices.FirstOrDefault(), choices);
    }

    [GeneratedRegex(@"\{\{\s*(?<name>[\p{L}_][\p{L}\p{N}_ -]{0,39}?)\s*(=(?<default>[^{}]{0,500})|:(?<choices>[^{}]{1,500}))?\}\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Place();
}
