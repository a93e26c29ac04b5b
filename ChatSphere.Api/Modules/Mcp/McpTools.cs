using System.ComponentModel;
using System.Globalization;
using System.Text;
using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Budgets;
using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;
using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace ChatSphere.Api.Modules.Mcp;

/// <summary>What MCP clients may call. Everything goes by the rights of whoever's credential it is; what a permission is missing for is not offered.</summary>
internal sealed class McpTools(ChatSphereDb db, KnowledgeRetriever retriever, UnkeptAnswers answers, TimeProvider time)
{
    private const int MaxText = 32_000;
    private const int MaxListed = 200;
    private const int MaxRead = 50_000;

    public McpServerPrimitiveCollection<McpServerTool> For(CurrentUser user)
    {
        McpServerPrimitiveCollection<McpServerTool> tools = [];
        if (user.Permissions.Contains(Permissions.BotsRead.Name))
        {
            tools.Add(Tool("list_bots", "List bots", "The bots that you may talk with: id, name, number of documents.", (CancellationToken c) => ListBotsAsync(user.AccountId, c)));
        }

        tools.Add(Tool(
            "ask_bot", "Ask a bot", "Asks a bot; it answers from its documents, with citations that the server has checked.",
            ([Description("The bot's id, from list_bots")] string bot_id, [Description("The question, complete in itself")] string question, CancellationToken c) => AskAsync(user.AccountId, bot_id, question, c)));
        if (user.Permissions.Contains(Permissions.KnowledgeRead.Name))
        {
            tools.Add(Tool(
                "search_knowledge", "Search a bot's documents", "Finds the passages of a bot's documents that fit a query best.",
                ([Description("The bot's id, from list_bots")] string bot_id, [Description("What to look for")] string query, [Description("How many passages, 1 to 20")] int top = 8, CancellationToken c = default) =>
                    SearchAsync(user.AccountId, bot_id, query, top, c)));
            tools.Add(Tool(
                "list_documents", "List a bot's documents", "The documents of a bot: id, name, status, length in characters.",
                ([Description("The bot's id, from list_bots")] string bot_id, CancellationToken c) => ListDocumentsAsync(user.AccountId, bot_id, c)));
            tools.Add(Tool(
                "read_document", "Read a document", "Reads a document's text from a place on.",
                ([Description("The document's id")] string document_id, [Description("Where to begin, in characters")] int start = 0, [Description("How many characters, at most 50000")] int length = 20_000, CancellationToken c = default) =>
                    ReadAsync(user.AccountId, document_id, start, length, c)));
        }

        return tools;
    }

    private static McpServerTool Tool(string name, string title, string description, Delegate run) =>
        McpServerTool.Create(run, new() { Name = name, Title = title, Description = description, ReadOnly = true, Destructive = false, OpenWorld = false });

    private async Task<string> ListBotsAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var bots = await db.Bots.UsableBy(db, accountId).AsNoTracking().OrderBy(b => b.Name).ThenBy(b => b.Id).Take(MaxListed)
            .Select(b => new { b.Id, b.Name, Documents = db.Documents.Count(d => d.BotId == b.Id) }).ToListAsync(cancellationToken);
        return bots.Count == 0 ? "There are no bots that you may talk with." : Lines(bots.Select(b => $"{b.Id}  {b.Name} ({b.Documents} documents)"), bots.Count);
    }

    private async Task<string> AskAsync(Guid accountId, string botId, string question, CancellationToken cancellationToken)
    {
        Check(question, nameof(question));
        var bot = await db.Bots.UsableBy(db, accountId).AsNoTracking().SingleOrDefaultAsync(b => b.Id == Id(botId), cancellationToken) ?? throw NotThere("bot");
        var id = Guid.CreateVersion7(time.GetUtcNow());
        if (await answers.EnterAsync(accountId, bot.Model, budget => budget.ReserveAsync(id, SpendingKind.Mcp, accountId, bot, question, null, null, cancellationToken), cancellationToken) is { } full)
        {
            throw new McpException(full.ProblemDetails.Detail ?? "There is no room for it.");
        }

        var (text, citations, finished, failed) = await answers.AskWholeAsync(AnswerDraft.For(id, accountId, bot, question), cancellationToken);
        if (finished is null)
        {
            throw new McpException(failed?.Reason ?? "No model answered.");
        }

        var answer = new StringBuilder(text);
        if (citations.Count > 0)
        {
            answer.Append("\n\nSources:");
            foreach (var citation in citations)
            {
                answer.Append(CultureInfo.InvariantCulture, $"\n[{citation.Number}] {citation.DocumentName}{(citation.Page is { } page ? $", page {page}" : "")}: “{citation.Quote}” (document {citation.DocumentId}, characters {citation.Start} to {citation.End})");
            }
        }

        return answer.ToString();
    }

    private async Task<string> SearchAsync(Guid accountId, string botId, string query, int top, CancellationToken cancellationToken)
    {
        Check(query, nameof(query));
        var scope = await db.KnowledgeScopeAsync(Id(botId), accountId, cancellationToken) ?? throw NotThere("bot");
        var passages = await retriever.SearchAsync(scope, query, Math.Clamp(top, 1, 20), cancellationToken);
        return passages.Count == 0 ? "Nothing found." : string.Join("\n\n", passages.Select((p, i) =>
            $"[{i + 1}] {p.DocumentName}{(p.Page is { } page ? $", page {page}" : "")}{(p.Heading is null ? "" : $", {p.Heading}")} (document {p.DocumentId}, characters {p.Start} to {p.End})\n{p.Text}"));
    }

    private async Task<string> ListDocumentsAsync(Guid accountId, string botId, CancellationToken cancellationToken)
    {
        var id = Id(botId);
        if (!await db.Bots.KnowledgeVisibleTo(db, accountId).AnyAsync(b => b.Id == id, cancellationToken))
        {
            throw NotThere("bot");
        }

        var documents = await db.Documents.VisibleTo(db, accountId).AsNoTracking().Where(d => d.BotId == id).OrderBy(d => d.Name).ThenBy(d => d.Id).Take(MaxListed)
            .Select(d => new { d.Id, d.Name, d.Stage, d.Characters }).ToListAsync(cancellationToken);
        return documents.Count == 0 ? "It has no documents." : Lines(documents.Select(d => $"{d.Id}  {d.Name} ({d.Stage.ToString().ToLowerInvariant()}, {d.Characters ?? 0} characters)"), documents.Count);
    }

    private async Task<string> ReadAsync(Guid accountId, string documentId, int start, int length, CancellationToken cancellationToken)
    {
        var id = Id(documentId);
        var document = await db.Documents.VisibleTo(db, accountId).AsNoTracking().Where(d => d.Id == id).Select(d => new { d.Name, d.Characters }).SingleOrDefaultAsync(cancellationToken) ?? throw NotThere("document");
        var from = Math.Max(0, start);
        var to = (int)Math.Min(int.MaxValue, (long)from + Math.Clamp(length, 1, MaxRead));
        var pages = await db.DocumentPages.AsNoTracking().Where(p => p.DocumentId == id && p.Start < to && p.Start + p.Length > from).OrderBy(p => p.Number).Select(p => new { p.Start, p.Text }).ToListAsync(cancellationToken);
        var text = new StringBuilder();
        foreach (var page in pages)
        {
            var (begin, end) = (Math.Max(from, page.Start) - page.Start, Math.Min(to, page.Start + page.Text.Length) - page.Start);
            if (begin < end)
            {
                text.Append(page.Text, begin, end - begin);
            }
        }

        return $"{document.Name}, characters {from} to {from + text.Length} of {document.Characters ?? 0}:\n\n{text}";
    }

    private static string Lines(IEnumerable<string> lines, int count) => string.Join('\n', lines) + (count == MaxListed ? $"\n(the first {MaxListed})" : "");

    private static Guid Id(string id) => Guid.TryParse(id, out var parsed) ? parsed : throw new McpException("An id has the form of a UUID.");

    private static void Check(string text, string name)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxText || TextRules.HasUnstorable(text))
        {
            throw new McpException($"{name} must have 1 to {MaxText} characters, and no NUL characters or broken surrogates.");
        }
    }

    private static McpException NotThere(string what) => new($"There is no such {what}, or you may not use it so.");
}
