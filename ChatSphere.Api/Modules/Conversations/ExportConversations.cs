using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>Conversations to keep elsewhere: the current branch as Markdown to read, or everything as JSON.</summary>
internal static class ExportConversations
{
    private const int MostMessages = 20_000;
    private const int Batch = 50;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static async Task<IResult> HandleAsync(Guid conversationId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? format = null)
    {
        if (Extension(format) is not { } extension)
        {
            return Problems.Invalid("format", "markdown or json.");
        }

        var found = await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).Where(c => c.Id == conversationId).Select(ConversationResponses.Projection(db)).SingleOrDefaultAsync(cancellationToken);
        return found is null ? Problems.NotFound()
            : Results.Bytes(Encoding.UTF8.GetBytes(await WriteAsync(db, found, extension, cancellationToken)), extension == "md" ? "text/markdown; charset=utf-8" : "application/json", NameOf(found, extension));
    }

    /// <summary>All of one's own, one file each, written as they are read.</summary>
    public static IResult All(HttpContext context, CurrentUser user, ChatSphereDb db, string? format = null)
    {
        if (Extension(format) is not { } extension)
        {
            return Problems.Invalid("format", "markdown or json.");
        }

        return Results.Stream(
            async body =>
            {
                // The archive writes the ends of its entries synchronously; they are small.
                context.Features.Get<IHttpBodyControlFeature>()?.AllowSynchronousIO = true;
                var cancellationToken = context.RequestAborted;
                await using var zip = await ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
                for (Guid? after = null; ;)
                {
                    var batch = await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).Where(c => c.ExpiresAt == null && (after == null || c.Id > after)).OrderBy(c => c.Id).Take(Batch)
                        .Select(ConversationResponses.Projection(db)).ToListAsync(cancellationToken);
                    foreach (var conversation in batch)
                    {
                        await using var entry = await zip.CreateEntry($"{conversation.CreatedAt:yyyy-MM}/{conversation.Id:n}-{NameOf(conversation, extension)}", CompressionLevel.Fastest).OpenAsync(cancellationToken);
                        await entry.WriteAsync(Encoding.UTF8.GetBytes(await WriteAsync(db, conversation, extension, cancellationToken)), cancellationToken);
                    }

                    if (batch.Count < Batch)
                    {
                        return;
                    }

                    after = batch[^1].Id;
                }
            }, "application/zip", "chatsphere-conversations.zip");
    }

    private static string? Extension(string? format) => format switch
    {
        null or "markdown" => "md",
        "json" => "json",
        _ => null,
    };

    private static async Task<string> WriteAsync(ChatSphereDb db, ConversationResponse conversation, string extension, CancellationToken cancellationToken)
    {
        if (extension == "json")
        {
            var all = await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversation.Id).OrderBy(m => m.Seq).Take(MostMessages).ToListAsync(cancellationToken);
            return JsonSerializer.Serialize(new { format = "chatsphere.conversation.v1", conversation, messages = all.ConvertAll(ConversationResponses.From) }, Json);
        }

        var path = conversation.CurrentMessageId is { } current ? await db.PathAsync(conversation.Id, current, int.MaxValue, MostMessages, cancellationToken) : [];
        path.Reverse();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {OneLine(conversation.Title ?? "Chat")}\n\n{OneLine(conversation.BotName)} · {conversation.CreatedAt:yyyy-MM-dd HH:mm} UTC\n");
        foreach (var message in path)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {(message.Author is MessageAuthor.User ? "You" : OneLine(conversation.BotName))}{(message.Model is { } model ? $" ({OneLine(model)})" : "")}\n\n{message.Text}\n");
            foreach (var cited in message.Citations.OrderBy(c => c.Number))
            {
                text.Append(CultureInfo.InvariantCulture, $"\n> [{cited.Number}] {OneLine(cited.DocumentName)}{(cited.Page is { } page ? $", page {page}" : "")}: “{OneLine(cited.Quote)}”\n");
            }
        }

        return text.ToString();
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string NameOf(ConversationResponse conversation, string extension)
    {
        var name = string.Concat((conversation.Title ?? "chat").Take(60).Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')).Trim('-');
        return $"{(name.Length == 0 ? "chat" : name)}.{extension}";
    }
}
