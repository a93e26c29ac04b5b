extern alias worker;

using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data.Conversations;
using ChatSphere.Tests.Infrastructure;
using worker::ChatSphere.Worker.Modules.Conversations.Importing;

namespace ChatSphere.Tests.Conversations;

/// <summary>Conversations from ChatGPT and Claude: in a file or a ZIP, twice, broken, forged, endless.</summary>
public sealed class BringingInTests(ChatSphereApp app)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static string ChatGpt(string id, string title = "Roses") => $$$$$$"""
        {"id":"{{{{{{id}}}}}}","title":"{{{{{{title}}}}}}","create_time":1700000000.5,"update_time":1700000300,"current_node":"a2","mapping":{
          "root":{"id":"root","parent":null,"children":["sys"],"message":null},
          "sys":{"id":"sys","parent":"root","children":["q1"],"message":{"author":{"role":"system"},"content":{"content_type":"text","parts":["secret"]}}},
          "q1":{"id":"q1","parent":"sys","children":["a1","a2"],"message":{"author":{"role":"user"},"create_time":1700000010,"content":{"content_type":"text","parts":["When are roses pruned?"]}}},
          "a1":{"id":"a1","parent":"q1","children":[],"message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["In May."]},"metadata":{"model_slug":"gpt-4"}}},
          "a2":{"id":"a2","parent":"q1","children":["q2"],"message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["In March."]},"metadata":{"model_slug":"gpt-4o"}}},
          "q2":{"id":"q2","parent":"a2","children":[],"message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["Thank you, {{{{{{id}}}}}}"]}}}}}
        """;

    private static string Claude(string id) => $$"""
        {"uuid":"{{id}}","name":"Compost","created_at":"2024-03-01T10:00:00Z","updated_at":"2024-03-01T10:05:00Z","chat_messages":[
          {"uuid":"m1","sender":"human","text":"How often is it turned?","created_at":"2024-03-01T10:00:00Z"},
          {"uuid":"m2","sender":"assistant","text":"","content":[{"type":"text","text":"Every three weeks."},{"type":"tool_use","name":"x"}],"created_at":"2024-03-01T10:01:00Z"}]}
        """;

    private static ReadTalk Read(string json) => ExportReader.Read(Encoding.UTF8.GetBytes(json), Now);

    [Fact]
    public void The_tree_of_ChatGPT_is_kept_without_what_the_system_said()
    {
        var talk = Read(ChatGpt("one")).Talk!;
        Assert.Equal(("chatgpt:one", "Roses"), (talk.SourceId, talk.Title));
        Assert.Equal(["When are roses pruned?", "In May.", "In March.", "Thank you, one"], talk.Messages.Select(m => m.Text));
        Assert.Equal([null, 0, 0, 2], talk.Messages.Select(m => m.Parent));
        Assert.Equal((2, "gpt-4o"), (talk.Current, talk.Messages[2].Model));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000010), talk.Messages[0].At);
    }

    [Fact]
    public void What_Claude_says_in_parts_is_one_text()
    {
        var talk = Read(Claude("one")).Talk!;
        Assert.Equal(["How often is it turned?", "Every three weeks."], talk.Messages.Select(m => m.Text));
        Assert.Equal((MessageAuthor.Assistant, (int?)0, 1), (talk.Messages[1].Author, talk.Messages[1].Parent, talk.Current));
    }

    [Theory]
    [InlineData("""{"id":"x","mapping":{"a":{"parent":"b","message":{"author":{"role":"user"},"content":{"parts":["1"]}}},"b":{"parent":"a","message":{"author":{"role":"user"},"content":{"parts":["2"]}}}}}""", 2)]
    [InlineData("""{"id":"x","mapping":{"a":{"parent":"a","message":{"author":{"role":"user"},"content":{"parts":["1"]}}}}}""", 1)]
    [InlineData("""{"id":"x","create_time":1e300,"update_time":-9e9,"mapping":{"a":{"parent":null,"message":{"create_time":99999999999,"author":{"role":"user"},"content":{"parts":["a\u0000b",7,null,{}]}}}}}""", 1)]
    [InlineData("""{"id":"x","mapping":{"a":7,"b":{"message":[]},"c":{"parent":"nowhere","message":{"author":{"role":"assistant"},"content":{"parts":["\u0001s:x"]}}}}}""", 1)]
    [InlineData("""{"id":"x","mapping":{}}""", 0)]
    [InlineData("""{"mapping":{"a":{"message":{"author":{"role":"user"},"content":{"parts":["1"]}}}}}""", 0)]
    [InlineData("""{"uuid":"x","chat_messages":[7,{"sender":"human","text":"\ud800"}]}""", 0)]
    [InlineData("""{"uuid":"x","chat_messages":[7,{"sender":"human","text":"a","created_at":"yesterday"},{"sender":"human","text":"b","parent_message_uuid":"#1"}]}""", 2)]
    [InlineData("[]", 0)]
    [InlineData("{", 0)]
    public void Hostile_shapes_are_read_as_far_as_they_go(string json, int messages)
    {
        var read = Read(json);
        Assert.Equal(messages, read.Talk?.Messages.Count ?? 0);
        Assert.True(read.Talk is not null || read.Note is not null);
        Assert.All(read.Talk?.Messages ?? [], m =>
        {
            Assert.InRange(m.At, new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), Now);
            Assert.DoesNotContain('\0', m.Text);
            Assert.NotEqual('\u0001', m.Text[0]);
        });
        Assert.All((read.Talk?.Messages ?? []).Select((m, i) => (m, i)), x => Assert.True(x.m.Parent is null || x.m.Parent < x.i));
    }

    [Theory]
    [InlineData("[]", 0)]
    [InlineData("  [ 1 , \"a,]\\\"\" , {\"b\":[1,{\"c\":\"]\"}]} ]  ", 3)]
    public async Task A_list_is_cut_into_its_elements(string json, int count)
    {
        foreach (var step in new[] { 1, 3, 1_000 })
        {
            var parts = await CutAsync(new SlowStream(Encoding.UTF8.GetBytes(json), step), 1_000);
            Assert.Equal(count, parts.Count);
            Assert.All(parts, p => JsonDocument.Parse(p.Json!));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"conversations\":[]}")]
    [InlineData("[1,2")]
    [InlineData("[1] 2")]
    public async Task What_is_no_list_is_refused(string json) => await Assert.ThrowsAsync<InvalidDataException>(() => CutAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)), 1_000));

    [Fact]
    public async Task A_ZIP_that_unpacks_without_end_or_has_no_conversations_is_refused()
    {
        var bomb = Zip(("conversations.json", "[\"" + new string('a', 5_000_000) + "\"]"));
        Assert.True(bomb.Length < 50_000);
        await using (var file = await ExportFile.OpenAsync(new MemoryStream(bomb), 1_000_000, TestContext.Current.CancellationToken))
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => CutAsync(file.Content, 10_000_000));
        }

        await Assert.ThrowsAsync<InvalidDataException>(() => ExportFile.OpenAsync(new MemoryStream(Zip(("else.json", "[]"))), 1_000_000, TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<InvalidDataException>(() => ExportFile.OpenAsync(new MemoryStream("PK\u0003\u0004 and nothing more"u8.ToArray()), 1_000_000, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_export_comes_in_once_however_often_it_is_sent_and_goes_on_with_the_chosen_bot()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-itl1-len5");
        var (gpt, claude) = (Guid.NewGuid().ToString("n"), Guid.NewGuid().ToString("n"));
        var zip = Zip(("../../../etc/passwd", "x"), ("export/conversations.json", $"[{ChatGpt(gpt)},{Claude(claude)},{{\"id\":\"{Guid.NewGuid():n}\",\"mapping\":{{}}}}]"));
        var first = await ImportAsync(ann, bot.Id, zip);
        Assert.Equal((ImportStatus.Done, 2, 0, 1), (first.Status, first.Imported, first.AlreadyThere, first.Skipped));
        Assert.Contains("Conversation 3", Assert.Single(first.Notes), StringComparison.Ordinal);
        var again = await ImportAsync(ann, bot.Id, Encoding.UTF8.GetBytes($"[{ChatGpt(gpt)},{Claude(claude)}]"));
        Assert.Equal((ImportStatus.Done, 0, 2, 0), (again.Status, again.Imported, again.AlreadyThere, again.Skipped));

        var talks = (await ann.GetAsync<Page<ConversationResponse>>("/v1/conversations")).Items;
        Assert.Equal(["Compost", "Roses"], talks.Select(t => t.Title).Order());
        var roses = talks.Single(t => t.Title == "Roses");
        Assert.Equal(["When are roses pruned?", "In March."], (await ann.MessagesAsync(roses.Id)).Select(m => m.Text));
        Assert.Equal(4, (await ann.TreeAsync(roses.Id)).Count);
        Assert.Equal(2023, roses.UpdatedAt.Year);
        var next = await ann.HasAnsweredAsync(roses.Id, "And in autumn?");
        Assert.Equal(4, (await ann.MessagesAsync(roses.Id)).Count);
        await ann.AnswersAgainAsync(roses.Id, (await ann.TreeAsync(roses.Id)).Single(m => m.Text == "In May.").Id);
        Assert.NotEqual(Guid.Empty, next.Id);

        // Somebody else's import of the same file is their own.
        var eve = await app.SomebodyAsync();
        Assert.Equal(1, (await ImportAsync(eve, (await eve.HasBotAsync()).Id, Encoding.UTF8.GetBytes($"[{Claude(claude)}]"))).Imported);
        await eve.GetAsync($"/v1/imports/{first.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(ImportStatus.Failed, (await ImportAsync(eve, (await eve.HasBotAsync()).Id, "hello"u8.ToArray())).Status);
    }

    [Fact]
    public async Task Without_a_bot_they_come_to_one_made_for_them_once_and_each_can_be_given_another()
    {
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var first = await ImportAsync(ann, null, Encoding.UTF8.GetBytes($"[{ChatGpt(Guid.NewGuid().ToString("n"))}]"));
        var second = await ImportAsync(ann, null, Encoding.UTF8.GetBytes($"[{Claude(Guid.NewGuid().ToString("n"))}]"));
        Assert.Equal((1, 1, first.BotId), (first.Imported, second.Imported, second.BotId));
        var made = Assert.Single((await ann.GetAsync<Page<BotResponse>>("/v1/bots")).Items);
        Assert.Equal((first.BotId, "Imported chats", 0), (made.Id, made.Name, made.Documents));

        var talks = (await ann.GetAsync<Page<ConversationResponse>>("/v1/conversations")).Items;
        Assert.All(talks, t => Assert.True(t.AwaitsBot));
        var talk = talks.Single(t => t.Title == "Roses");
        await ann.SendAsync(HttpMethod.Patch, $"/v1/conversations/{talk.Id}", new UpdateConversationRequest { BotId = (await eve.HasBotAsync()).Id }).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        var bot = await ann.HasBotAsync("mock-itl1-len5");
        var given = await (await ann.SendAsync(HttpMethod.Patch, $"/v1/conversations/{talk.Id}", new UpdateConversationRequest { BotId = bot.Id })).ReadAsync<ConversationResponse>();
        Assert.Equal((bot.Id, bot.Name, false), (given.BotId, given.BotName, given.AwaitsBot));
        await ann.HasAnsweredAsync(talk.Id, "And in autumn?");
        Assert.Equal("mock-itl1-len5", (await ann.MessagesAsync(talk.Id))[^1].Model);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/conversations/{talk.Id}", new UpdateConversationRequest { BotId = made.Id }).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.BotFixed);

        // Deleted, it is made anew by the next import.
        (await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{made.Id}")).EnsureSuccessStatusCode();
        Assert.NotEqual(made.Id, (await ImportAsync(ann, null, Encoding.UTF8.GetBytes($"[{Claude(Guid.NewGuid().ToString("n"))}]"))).BotId);
    }

    private static async Task<ImportResponse> ImportAsync(Person who, Guid? botId, byte[] file)
    {
        var queued = await (await who.PostAsync(botId is null ? "/v1/imports" : $"/v1/imports?botId={botId}", new MultipartFormDataContent { { new ByteArrayContent(file), "file", "export" } })).ReadAsync<ImportResponse>();
        return await Person.EventuallyAsync(() => who.GetAsync<ImportResponse>($"/v1/imports/{queued.Id}"), i => i.Status is ImportStatus.Done or ImportStatus.Failed);
    }

    private static async Task<List<JsonPart>> CutAsync(Stream stream, int largest)
    {
        var parts = new List<JsonPart>();
        await foreach (var part in JsonElements.ReadAsync(stream, largest, TestContext.Current.CancellationToken))
        {
            parts.Add(part);
        }

        return parts;
    }

    private static byte[] Zip(params (string Name, string Text)[] entries)
    {
        var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return buffer.ToArray();
    }

    private sealed class SlowStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
