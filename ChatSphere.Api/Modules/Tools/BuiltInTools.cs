using System.Globalization;
using System.Text.Json;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Tools;
using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Answering;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Tools;
using ChatSphere.ServiceDefaults.Outbound;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>The tools that every deployment has. They run while the answer is written, long after it was prepared, so each call opens what it needs and asks anew what the asker may see.</summary>
internal sealed class BuiltInTools(IServiceScopeFactory scopes, KnowledgeRetriever retriever, UntrustedHttp web, IOptions<ToolOptions> options, TimeProvider time)
{
    private const int MaxPassages = 10;
    private const int MaxPages = 10;
    private const int MaxReadLength = 14_000;
    private const int MostNames = 50;

    /// <summary>What the model and the bot's editors are told.</summary>
    public static string DescriptionOf(string name) => name switch
    {
        BuiltInToolNames.SearchKnowledge => "Searches the bot's documents for other words than those of the question. Gives numbered sources that are cited by their numbers.",
        BuiltInToolNames.ReadDocument => "Reads pages of one of the bot's documents, given by its name, as numbered sources.",
        BuiltInToolNames.CurrentTime => "The current date and time, in the person's time zone.",
        BuiltInToolNames.Calculator => "Exact arithmetic: + - * / % (remainder) ^ (whole exponents), parentheses, abs, ceil, floor, max, min, round(x, digits), sqrt.",
        BuiltInToolNames.ReadWebPage => "Reads a web page as text, by its full address.",
        _ => "",
    };

    /// <summary>Null for a name that is none of ours.</summary>
    public ChatTool? Create(BotTool tool, AnswerDraft draft) => tool.Name switch
    {
        BuiltInToolNames.SearchKnowledge => Make(tool, """{"type":"object","properties":{"query":{"type":"string","minLength":1,"maxLength":500,"description":"What to look for, in a few words"}},"required":["query"],"additionalProperties":false}""",
            ToolReach.Inside, isOurs: false, (a, token) => SearchAsync(draft, a.GetProperty("query").GetString()!, token)),
        BuiltInToolNames.ReadDocument => Make(tool, """{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":255,"description":"The document's name, as in a source's title"},"from":{"type":"integer","minimum":1,"description":"First page; 1 if left out"},"to":{"type":"integer","minimum":1,"description":"Last page"}},"required":["name"],"additionalProperties":false}""",
            ToolReach.Inside, isOurs: false, (a, token) => ReadAsync(draft, a.GetProperty("name").GetString()!, Number(a, "from"), Number(a, "to"), token)),
        BuiltInToolNames.CurrentTime => Make(tool, ArgumentSchema.Empty.GetRawText(), ToolReach.Inside, isOurs: true, (_, token) => NowAsync(draft.AskerId, token)),
        BuiltInToolNames.Calculator => Make(tool, """{"type":"object","properties":{"expression":{"type":"string","minLength":1,"maxLength":1000,"description":"Such as (3 + 4.5) * 2"}},"required":["expression"],"additionalProperties":false}""",
            ToolReach.Inside, isOurs: true, (a, _) => Task.FromResult(Calculate(a.GetProperty("expression").GetString()!))),
        BuiltInToolNames.ReadWebPage => Web(tool, draft),
        _ => null,
    };

    private static ChatTool Make(BotTool tool, string schema, ToolReach reach, bool isOurs, Func<JsonElement, CancellationToken, Task<ToolOutput>> run) =>
        new(tool.Name, DescriptionOf(tool.Name), JsonDocument.Parse(schema).RootElement) { Id = tool.Id, Reach = reach, IsOurs = isOurs, AlwaysAsks = tool.NeedsApproval, ChangedAt = tool.UpdatedAt, Run = run };

    private ChatTool Web(BotTool tool, AnswerDraft draft)
    {
        // What the bot said before may hold addresses that somebody else put there; only the person's own words name a place.
        var named = NamedAddresses.In([.. draft.History.Where(m => m.Role == PastRole.User).Select(m => m.Text), draft.Question]);
        return new ChatTool(tool.Name, DescriptionOf(tool.Name), JsonDocument.Parse("""{"type":"object","properties":{"address":{"type":"string","minLength":4,"maxLength":2000,"description":"Absolute, with http or https"}},"required":["address"],"additionalProperties":false}""").RootElement)
        {
            Id = tool.Id,
            Reach = ToolReach.Anywhere,
            AlwaysAsks = tool.NeedsApproval,
            ChangedAt = tool.UpdatedAt,
            Target = a => $"GET {a.GetProperty("address").GetString()}",
            IsNamedByPerson = a => named.Contains(a.GetProperty("address").GetString()!),
            Run = (a, token) => ReadWebPageAsync(a.GetProperty("address").GetString()!, token),
        };
    }

    private async Task<ToolOutput> SearchAsync(AnswerDraft draft, string query, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        if (await db.KnowledgeScopeAsync(draft.Bot.Id, draft.AskerId, cancellationToken) is not { } knowledge)
        {
            return ToolOutput.Error("The documents may not be searched.");
        }

        var found = await retriever.SearchAsync(knowledge, query, MaxPassages, cancellationToken);
        return found.Count == 0 ? new ToolOutput("Nothing was found.") : Sources(draft, found);
    }

    private async Task<ToolOutput> ReadAsync(AnswerDraft draft, string name, int? from, int? to, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        if (await db.KnowledgeScopeAsync(draft.Bot.Id, draft.AskerId, cancellationToken) is not { } knowledge)
        {
            return ToolOutput.Error("The documents may not be read.");
        }

        var ready = db.Documents.AsNoTracking().Where(d => d.BotId == knowledge.BotId && d.Stage == DocumentStage.Ready);
        var trimmed = name.Trim();
        var document = TextIsStorable(trimmed) ? await ready.Where(d => d.Name == trimmed).OrderByDescending(d => d.Id).FirstOrDefaultAsync(cancellationToken) : null;
        if (document is null)
        {
            var names = await ready.OrderBy(d => d.Name).Select(d => d.Name).Take(MostNames).ToListAsync(cancellationToken);
            return ToolOutput.Error(names.Count == 0 ? "The bot has no documents." : $"There is no such document. There are: {string.Join("; ", names)}");
        }

        var first = from ?? 1;
        var last = Math.Min(to ?? first + MaxPages - 1, first + MaxPages - 1);
        var pages = await db.DocumentPages.AsNoTracking().Where(p => p.DocumentId == document.Id && p.Number >= first && p.Number <= last).OrderBy(p => p.Number).ToListAsync(cancellationToken);
        var passages = new List<RetrievedPassage>();
        var left = MaxReadLength;
        foreach (var page in pages.TakeWhile(_ => left > 0))
        {
            var length = Math.Min(page.Text.Length, left);
            length = length > 0 && length < page.Text.Length && char.IsHighSurrogate(page.Text[length - 1]) ? length - 1 : length;
            left -= length;
            if (!string.IsNullOrWhiteSpace(page.Text[..length]))
            {
                passages.Add(new RetrievedPassage(Guid.Empty, document.Id, document.Name, document.HasPages ? page.Number : null, page.Start, page.Start + length, null, page.Text[..length], 0, null, null));
            }
        }

        return passages.Count == 0 ? ToolOutput.Error($"There is nothing on these pages. The document has {document.PagesTotal ?? 1}.") : Sources(draft, passages);
    }

    private static ToolOutput Sources(AnswerDraft draft, IReadOnlyList<RetrievedPassage> found) => new(AnswerPrompt.Sources(draft.Number(found)), IsSources: true);

    private async Task<ToolOutput> NowAsync(Guid askerId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var name = await db.Profiles.Where(p => p.AccountId == askerId).Select(p => p.TimeZone).SingleOrDefaultAsync(cancellationToken);
        var zone = name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var known) ? known : TimeZoneInfo.Utc;
        var now = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone);
        return new ToolOutput(string.Create(CultureInfo.InvariantCulture, $"{now:dddd, yyyy-MM-dd HH:mm:ss zzz} ({(zone == TimeZoneInfo.Utc ? "UTC" : zone.Id)}), ISO week {ISOWeek.GetWeekOfYear(now.DateTime)}"));
    }

    private static ToolOutput Calculate(string expression)
    {
        var (value, problem) = Calculation.Of(expression);
        return value is { } number ? new ToolOutput(Calculation.Text(number)) : ToolOutput.Error(problem!);
    }

    private async Task<ToolOutput> ReadWebPageAsync(string address, CancellationToken cancellationToken)
    {
        var result = await web.SendAsync(
            address, new OutboundRequest { AcceptedTypes = ["text/*", "application/xhtml+xml", "application/json", "application/xml"], MaxBytes = options.Value.MaxBytes }, cancellationToken);
        return result switch
        {
            OutboundResult.Refused refused => ToolOutput.Error(Why(refused.Reason)),
            OutboundResult.Fetched { Status: var status } when (int)status is < 200 or > 299 => ToolOutput.Error($"The server answered {(int)status}."),
            OutboundResult.Fetched fetched => new ToolOutput($"{fetched.Address}\n\n{WebText.Of(fetched)}"),
            _ => ToolOutput.Error("The page could not be read."),
        };
    }

    /// <summary>Enough for a model or an editor to do something about it, and no more about our network than that.</summary>
    public static string Why(OutboundRefusal reason) => reason switch
    {
        OutboundRefusal.AddressInvalid or OutboundRefusal.SchemeNotAllowed or OutboundRefusal.CredentialsInAddress => "This is no address that can be called: it must be absolute, with http or https, and without a user name.",
        OutboundRefusal.PortNotAllowed => "This port may not be called.",
        OutboundRefusal.NameNotFound => "There is no such host.",
        OutboundRefusal.NotPublic => "This address does not lead to the public internet.",
        OutboundRefusal.TimedOut => "The server took too long.",
        OutboundRefusal.TooLarge => "The answer is too large.",
        OutboundRefusal.ContentTypeNotAllowed => "The answer is no text.",
        OutboundRefusal.TooManyRedirects or OutboundRefusal.RedirectNotAllowed => "The server sends elsewhere too often, or to where it may not.",
        OutboundRefusal.CertificateInvalid => "The server's certificate is not valid.",
        _ => "The server could not be reached, or its answer not be read.",
    };

    private static int? Number(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.TryGetDouble(out var number) && number <= int.MaxValue / 2 ? (int)number : null;

    private static bool TextIsStorable(string text) => !Http.TextRules.HasUnstorable(text);
}
