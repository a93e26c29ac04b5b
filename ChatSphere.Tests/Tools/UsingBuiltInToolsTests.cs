using System.Globalization;
using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.People;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Contracts.Tools;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Sharing;
using static ChatSphere.Tests.Tools.ToolUse;

namespace ChatSphere.Tests.Tools;

public sealed class UsingBuiltInToolsTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_call_is_shown_while_it_happens_and_kept_with_the_answer()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasToolBotAsync(BuiltInToolNames.Calculator);
        var conversation = await ann.TalksWithAsync(bot.Id);

        var events = await ann.AnswerAsync(conversation.Id, Call("calculator", new { expression = "0.1 + 0.2 * 3" }));

        Assert.Equal([TurnEventNames.ToolCall, TurnEventNames.ToolResult], events.Names().Where(n => n.StartsWith("tool", StringComparison.Ordinal)));
        Assert.Equal("0.7", events.Single(e => e.Name == TurnEventNames.ToolResult).As<ToolResultEvent>().Result);
        var kept = Assert.Single((await ann.MessagesAsync(conversation.Id))[1].ToolCalls);
        Assert.Equal(("calculator", """{"expression":"0.1 + 0.2 * 3"}""", "0.7", false, null), (kept.Tool, kept.Arguments, kept.Result, kept.IsError, kept.Approval));
        Assert.Equal(kept, Assert.Single(events.Message().ToolCalls));
        Assert.Contains("0.7", events.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_by_the_model_adds_numbered_sources_that_are_cited_and_verified()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasToolBotAsync(BuiltInToolNames.SearchKnowledge);
        var document = await ann.HasDocumentAsync(bot.Id, "lighthouse.txt", "The lighthouse keeper stores the spare lamp oil beneath the northern stairs.");
        var conversation = await ann.TalksWithAsync(bot.Id);

        var events = await ann.AnswerAsync(conversation.Id, Call("search_knowledge", new { query = "spare lamp oil" }));

        var found = events.Last(e => e.Name == TurnEventNames.Sources).As<SourcesEvent>().Sources;
        Assert.Contains(found, s => s.DocumentId == document.Id);
        Assert.Contains("<source id=\"", events.Single(e => e.Name == TurnEventNames.ToolResult).As<ToolResultEvent>().Result, StringComparison.Ordinal);
        var cited = Assert.Single(events.Message().Citations);
        Assert.Equal(document.Id, cited.DocumentId);
        Assert.Contains("northern stairs", cited.Quote, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_is_read_by_its_name_as_sources()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasToolBotAsync(BuiltInToolNames.ReadDocument);
        var document = await ann.HasDocumentAsync(bot.Id, "rules.txt", "Guests leave their boots by the blue door.");
        var conversation = await ann.TalksWithAsync(bot.Id);

        var events = await ann.AnswerAsync(conversation.Id, Call("read_document", new { name = "nothing.txt" }) + "\n" + Call("read_document", new { name = "rules.txt", from = 1, to = 3 }));

        var results = events.Where(e => e.Name == TurnEventNames.ToolResult).Select(e => e.As<ToolResultEvent>()).ToList();
        Assert.True(results[0].IsError);
        Assert.Contains("There are: rules.txt", results[0].Result, StringComparison.Ordinal);
        Assert.Contains("boots by the blue door", results[1].Result, StringComparison.Ordinal);
        Assert.All(events.Message().Citations, c => Assert.Equal(document.Id, c.DocumentId));
    }

    [Fact]
    public async Task The_time_is_that_of_the_person()
    {
        var ann = await app.SomebodyAsync();
        (await ann.SendAsync(HttpMethod.Put, "/v1/accounts/me/preferences", new Preferences(null, PreferredTheme.System, null, "Asia/Tokyo"))).EnsureSuccessStatusCode();
        var bot = await ann.HasToolBotAsync(BuiltInToolNames.CurrentTime);
        var conversation = await ann.TalksWithAsync(bot.Id);

        var result = (await ann.AnswerAsync(conversation.Id, Call("current_time", new { }))).Message().ToolCalls[0].Result!;

        Assert.EndsWith("+09:00 (Asia/Tokyo), ISO week " + ISOWeek.GetWeekOfYear(DateTime.Parse(result.Split(' ')[1], CultureInfo.InvariantCulture)), result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_is_off_is_not_there_and_the_extractive_model_gets_none()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasToolBotAsync(BuiltInToolNames.Calculator, BuiltInToolNames.CurrentTime);
        await ann.SwitchesAsync(bot.Id, BuiltInToolNames.Calculator, on: false);
        var conversation = await ann.TalksWithAsync(bot.Id);
        var call = (await ann.AnswerAsync(conversation.Id, Call("calculator", new { expression = "1+1" }))).Message().ToolCalls[0];
        Assert.Equal("error: There is no such tool.", call.Result);
        Assert.Equal([(BuiltInToolNames.CurrentTime, true)], (await ann.ToolsAsync(bot.Id)).Where(t => t.Enabled).Select(t => (t.Name, t.Enabled)));

        var quoting = await ann.HasBotAsync("extractive");
        await ann.SwitchesAsync(quoting.Id, BuiltInToolNames.Calculator);
        var events = await ann.AnswerAsync((await ann.TalksWithAsync(quoting.Id)).Id, Call("calculator", new { expression = "1+1" }));
        Assert.Empty(events.Message().ToolCalls);
    }

    [Fact]
    public async Task Whoever_may_only_use_a_bot_neither_sees_nor_switches_its_tools_and_reads_its_documents_only_as_far_as_they_may_be_searched()
    {
        var ann = await app.SomebodyAsync();
        var ben = await app.SomebodyAsync();
        var bot = await ann.HasToolBotAsync(BuiltInToolNames.ReadDocument);
        await ann.HasDocumentAsync(bot.Id, "rules.txt", "Guests leave their boots by the blue door.");
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(ben));

        await ben.GetAsync($"/v1/bots/{bot.Id}/tools").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await ben.SendAsync(HttpMethod.Put, $"/v1/bots/{bot.Id}/tools/built-in/calculator", new SwitchBuiltInToolRequest(true)).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        var conversation = await ben.TalksWithAsync(bot.Id);
        Assert.Contains("blue door", (await ben.AnswerAsync(conversation.Id, Call("read_document", new { name = "rules.txt" }))).Message().ToolCalls[0].Result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_that_are_wrong_are_explained_to_the_model_and_a_loop_is_cut()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasToolBotAsync(BuiltInToolNames.Calculator);
        var conversation = await ann.TalksWithAsync(bot.Id);
        var same = Call("calculator", new { expression = "2*3" });

        var calls = (await ann.AnswerAsync(conversation.Id, string.Join('\n', "CALL calculator {not json}", Call("calculator", new { expression = 7 }), Call("calculator", new { expression = "1/0" }), same, same, same))).Message().ToolCalls;

        Assert.Equal("error: The arguments are not a JSON object.", calls[0].Result);
        Assert.StartsWith("error: arguments.expression must be of type string.", calls[1].Result, StringComparison.Ordinal);
        Assert.Equal("error: Nothing can be divided by zero.", calls[2].Result);
        Assert.Equal(["6", "6"], calls.Skip(3).Take(2).Select(c => c.Result));
        Assert.StartsWith("error: You have made exactly this call before", calls[5].Result, StringComparison.Ordinal);
    }
}
