using System.Text.Json;
using ChatSphere.AI.Chat.Tools;

namespace ChatSphere.Tests.Tools;

public sealed class HoldingArgumentsToSchemasTests
{
    private const string Order = """
        {"type":"object","required":["id"],"additionalProperties":false,"properties":{
          "id":{"type":"string","pattern":"^[A-Z]{2}[0-9]+$","maxLength":8},"count":{"type":"integer","minimum":1,"maximum":10},"kind":{"enum":["a","b"]},
          "tags":{"type":"array","maxItems":2,"items":{"type":"string"}},"who":{"$ref":"#/$defs/person"},"when":{"anyOf":[{"type":"null"},{"type":"string"}]}},
         "$defs":{"person":{"type":"object","required":["name"],"properties":{"name":{"type":"string","minLength":1},"boss":{"$ref":"#/$defs/person"}}}}}
        """;

    [Theory]
    [InlineData("""{"id":"AB12"}""", null)]
    [InlineData("""{"id":"AB12","count":3,"kind":"b","tags":["x"],"who":{"name":"n","boss":{"name":"m"}},"when":null}""", null)]
    [InlineData("""{"id":"AB12","count":3.0}""", null)]
    [InlineData("""[]""", "arguments must be of type object.")]
    [InlineData("""{}""", "arguments.id is missing.")]
    [InlineData("""{"id":"ab"}""", "arguments.id does not match ^[A-Z]{2}[0-9]+$.")]
    [InlineData("""{"id":"AB1234567"}""", "arguments.id is too short or too long.")]
    [InlineData("""{"id":"AB1","count":0}""", "arguments.count is out of range.")]
    [InlineData("""{"id":"AB1","count":1.5}""", "arguments.count must be of type integer.")]
    [InlineData("""{"id":"AB1","kind":"c"}""", "arguments.kind must be one of [\"a\",\"b\"].")]
    [InlineData("""{"id":"AB1","tags":["a","b","c"]}""", "arguments.tags has 3 items, which is too few or too many.")]
    [InlineData("""{"id":"AB1","tags":[1]}""", "arguments.tags[0] must be of type string.")]
    [InlineData("""{"id":"AB1","who":{"name":"n","boss":{}}}""", "arguments.who.boss.name is missing.")]
    [InlineData("""{"id":"AB1","when":5}""", "arguments.when fits none of what is allowed.")]
    [InlineData("""{"id":"AB1","more":true}""", "arguments.more is not allowed.")]
    public void Arguments_hold_or_are_told_where_they_do_not(string arguments, string? problem) => Assert.Equal(problem, Problem(Order, arguments));

    [Fact]
    public void A_schema_that_never_ends_ends()
    {
        var choices = """{"anyOf":[{"$ref":"#"},{"$ref":"#"},{"allOf":[{"$ref":"#"},{"$ref":"#"}]}],"type":"object"}""";
        Assert.NotNull(Problem(choices, "{}"));
        Assert.Null(Problem("""{"properties":{"t":{"type":"string","pattern":"(a+)+$"}}}""", $$"""{"t":"{{new string('a', 40)}}!"}"""));
    }

    private static string? Problem(string schema, string arguments)
    {
        using var rules = JsonDocument.Parse(schema);
        using var given = JsonDocument.Parse(arguments);
        return ArgumentSchema.Problem(rules.RootElement, given.RootElement);
    }
}
