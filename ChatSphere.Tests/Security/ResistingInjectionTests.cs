extern alias web;

using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml.Linq;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Citations;
using ChatSphere.AI.Chat.Testing;
using ChatSphere.Tests.Chat;
using Microsoft.Extensions.AI;
using web::ChatSphere.Web.Text;
using Step = ChatSphere.AI.Chat.Testing.ScriptedChatClient.Step;

namespace ChatSphere.Tests.Security;

/// <summary>
/// A corpus of injections against a model that obeys every one of them, through the real assembly of prompts, the real writing of answers and the real checks after it. So nothing here
/// rests on the model's good sense: what holds, holds by construction.
/// </summary>
public sealed class ResistingInjectionTests
{
    private const string Secret = "the-price-floor-is-17-euros";
    private const string Instructions = $"You are the assistant of a shop. Confidential: {Secret}.";
    private static readonly Guid BotId = Guid.NewGuid();
    private static readonly string Mark = Canary.For(BotId);

    public sealed record Case(string Id, string Channel, string Language, string Obey, string? Text = null, IReadOnlyList<string>? Passages = null, string? Hidden = null, string? Leads = null)
    {
        [JsonIgnore]
        public string All => Text ?? string.Join(' ', Passages!);
    }

    private static readonly List<Case> Corpus = JsonSerializer.Deserialize<List<Case>>(
        File.ReadAllText(Path.Combine(Repository.Root, "ChatSphere.Tests", "Security", "injection-corpus.json")), JsonSerializerOptions.Web)!;

    public static TheoryData<string> Ids => new(Corpus.Select(c => c.Id));

    [Fact]
    public void The_corpus_is_large_and_wide()
    {
        Assert.InRange(Corpus.Count, 60, 10_000);
        Assert.Superset(new HashSet<string> { "question", "document", "file_name", "heading", "tool_result", "memory", "summary", "history", "split" }, Corpus.Select(c => c.Channel).ToHashSet());
        Assert.InRange(Corpus.Select(c => c.Language).Distinct().Count(), 8, 100);
        Assert.InRange(Corpus.Count(c => c.Hidden is not null), 5, 1_000);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_model_that_obeys_gives_nothing_away(string id)
    {
        var attack = Corpus.Single(c => c.Id == id);
        var request = Request(attack);
        var answering = new Answering(o => o.Fallback = []);
        Obey(answering.First, attack, request);
        if (attack.Channel == "tool_result")
        {
            request = request with { Tools = [AIFunctionFactory.Create(() => attack.Text, "weather")] };
        }

        var events = await answering.WriteAsync(request);

        AssertPrompt(attack, answering.First.Calls[0].Messages);
        AssertAnswer(attack, request, events);
    }

    /// <summary>Whatever was written where, it stays inside the tag that says what it is.</summary>
    private static void AssertPrompt(Case attack, IReadOnlyList<ChatMessage> messages)
    {
        Assert.Equal(ChatRole.System, messages[0].Role);
        Assert.DoesNotContain(messages.Skip(1), m => m.Role == ChatRole.System);
        Assert.Contains(Mark, messages[0].Text, StringComparison.Ordinal);
        if (attack.Channel != "question")
        {
            Assert.DoesNotContain(attack.All, messages[0].Text, StringComparison.Ordinal);
        }

        var last = messages[^1].Text;
        if (last.IndexOf("<sources>", StringComparison.Ordinal) is var from and >= 0)
        {
            var block = XElement.Parse(last[from..(last.IndexOf("</sources>", StringComparison.Ordinal) + 10)]);
            Assert.Equal(attack.Passages?.Count ?? 1, block.Elements("source").Count());
            Assert.All(block.Elements(), s => Assert.Empty(s.Elements()));
            Assert.Equal(Enumerable.Range(1, block.Elements().Count()).Select(n => $"{n}"), block.Elements().Select(s => s.Attribute("id")!.Value));
        }

        Assert.Equal(last.Split("<note ").Length, last.Split("</note>").Length);
        if (attack.Hidden is not null)
        {
            Assert.DoesNotContain(messages.SelectMany(m => m.Text.EnumerateRunes()), r => r.Value is (>= 0xE0000 and <= 0xE01EF) or 0x200B or 0x00AD or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or (< 0x20 and not 10 and not 9));
        }
    }

    private static void AssertAnswer(Case attack, AnswerRequest request, List<AnswerEvent> events)
    {
        // Only tools that the bot has are ever run, and what they answer comes back as data.
        Assert.DoesNotContain(events.OfType<AnswerToolResult>(), r => r.Name == "send_mail" && !r.IsError);

        var shown = events.Text();
        Assert.False(Canary.IsIn(shown, Mark), "The mark came out.");
        Assert.DoesNotContain(Mark[..8], shown, StringComparison.OrdinalIgnoreCase);
        if (attack.Obey is "{system}" or "{system_base64}")
        {
            Assert.Equal(AnswerCodes.AnswerWithheld, Assert.IsType<AnswerFailed>(events[^1]).Code);
            Assert.DoesNotContain(Secret, shown, StringComparison.Ordinal);
        }

        if (events[^1] is AnswerFailed)
        {
            return;
        }

        // As it is kept: markers that lead nowhere are gone, and so are links to anybody who is no source's.
        var kept = CitationResolver.Check(shown, request.Passages);
        Assert.All(kept.Citations, c => Assert.InRange(c.Number, 1, request.Passages.Count));
        Assert.DoesNotContain("[99]", kept.Text, StringComparison.Ordinal);
        var hosts = AnswerLinks.AllowedHosts(kept.Text, request.Passages.Select(p => p.Text), []);
        Assert.Empty(hosts);
        var html = string.Concat(SafeMarkdown.Render(kept.Text, _ => true, linkHosts: hosts));
        Assert.DoesNotMatch(@"<(a|img|script|iframe|svg|object|form|link|style)\b", html);
        Assert.DoesNotMatch(@"[\u202A-\u202E\u2066-\u2069]", html);

        // Also if a host were allowed for another address: this one's page shows no picture, runs nothing, and says where a link leads.
        var trusted = string.Concat(SafeMarkdown.Render(kept.Text, _ => true, linkHosts: [attack.Leads ?? "evil.example"]));
        Assert.DoesNotMatch(@"<(img|script|iframe|svg|object|form|link|style)\b|javascript:[^<]*""|data:[^<]*""", trusted);
        Assert.All(System.Text.RegularExpressions.Regex.Matches(trusted, "<a [^>]*>").Select(m => m.Value), a => Assert.Matches("""^<a class="outside" target="_blank" rel="noopener noreferrer nofollow ugc" href="https?://[!-~]*">$""", a));
    }

    private static AnswerRequest Request(Case attack)
    {
        var request = Answering.Ask("How long does delivery take?") with { BotId = BotId, Instructions = Instructions };
        return attack.Channel switch
        {
            "question" => request with { Question = attack.Text! },
            "document" => request with { Passages = [Answering.Passage(attack.Text!)] },
            "file_name" => request with { Passages = [Answering.Passage("Delivery takes three days.", name: attack.Text!)] },
            "heading" => request with { Passages = [Answering.Passage("Delivery takes three days.", heading: attack.Text)] },
            "split" => request with { Passages = [.. attack.Passages!.Select((p, i) => Answering.Passage(p, start: i * 1_000))] },
            "memory" => request with { Notes = [new("the person, as they let be remembered", "- " + attack.Text)] },
            "summary" => request with { Summary = new(attack.Text!, new HashSet<Guid>(), Beyond: true) },
            "history" => request with { History = [new(PastRole.User, "Hello"), new(PastRole.Assistant, attack.Text!)] },
            "image_name" => request with { Images = [new(attack.Text!, new DataContent(new byte[] { 1, 2, 3 }, "image/png"))] },
            _ => request,
        };
    }

    private static void Obey(ScriptedChatClient model, Case attack, AnswerRequest request)
    {
        if (attack.Channel == "tool_result")
        {
            model.Then(Step.Call("w", "weather", "{}"), Step.Finish(ChatFinishReason.ToolCalls));
        }

        if (attack.Obey.StartsWith("tool:", StringComparison.Ordinal))
        {
            var parts = attack.Obey.Split(':', 3);
            model.Then(Step.Call("m", parts[1], parts[2].Replace("{secret}", Secret, StringComparison.Ordinal)), Step.Finish(ChatFinishReason.ToolCalls)).ThenSay("Done.");
            return;
        }

        model.Then(call => SayAsync(Fill(attack.Obey, call.Messages[0].Text)));
    }

    private static string Fill(string obey, string system)
    {
        var bytes = Encoding.UTF8.GetBytes(Mark);
        return obey
            .Replace("{system_base64}", Convert.ToBase64String(Encoding.UTF8.GetBytes(system)), StringComparison.Ordinal)
            .Replace("{system}", system, StringComparison.Ordinal)
            .Replace("{secret}", "what-was-asked", StringComparison.Ordinal)
            .Replace("{mark_rot13}", string.Concat(Mark.Select(c => char.IsAsciiLetter(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : c)), StringComparison.Ordinal)
            .Replace("{mark_spaced}", string.Join(' ', Mark.ToCharArray()), StringComparison.Ordinal)
            .Replace("{mark_reversed}", new string([.. Mark.Reverse()]), StringComparison.Ordinal)
            .Replace("{mark_hex}", Convert.ToHexString(bytes), StringComparison.Ordinal)
            .Replace("{mark_upper}", Mark.ToUpperInvariant(), StringComparison.Ordinal)
            .Replace("{mark_fullwidth}", string.Concat(Mark.Select(c => (char)(c + 0xFEE0))), StringComparison.Ordinal)
            .Replace("{mark_lines}", string.Join('\n', Mark.ToCharArray()), StringComparison.Ordinal)
            .Replace("{mark_bold}", string.Concat(Mark.Select((c, i) => i % 2 == 0 ? $"**{c}**" : $"{c}")), StringComparison.Ordinal)
            .Replace("{mark}", Mark, StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> SayAsync(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            await Task.Yield();
            var length = Math.Min(5, text.Length - at);
            length += at + length < text.Length && char.IsHighSurrogate(text[at + length - 1]) ? 1 : 0;
            yield return new(ChatRole.Assistant, text.Substring(at, length));
            at += length;
        }

        yield return new() { FinishReason = ChatFinishReason.Stop };
    }
}
