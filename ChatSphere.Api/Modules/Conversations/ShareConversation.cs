using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>Links by which anybody reads a copy of one branch.</summary>
internal static class ShareConversation
{
    private const int MostLinks = 200;
    private const int MostMessages = 2_000;
    private const int MostDays = 3_650;
    private const int TokenBytes = 32;

    public static async Task<Results<Created<SharedLinkResponse>, ProblemHttpResult>> HandleAsync(
        Guid conversationId, ShareConversationRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, IOptions<SiteOptions> site, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (request.ExpiresAt is { } end && (request.ExpiresInDays is not null || end <= now || end > now.AddDays(MostDays)))
        {
            return Problems.Invalid("expiresAt", request.ExpiresInDays is not null ? "Give days or a moment, not both." : "A moment to come, within ten years.");
        }

        var found = await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).Where(c => c.Id == conversationId)
            .Select(c => new { Conversation = c, BotName = db.Bots.Where(b => b.Id == c.BotId).Select(b => b.Name).First() }).SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return Problems.NotFound();
        }

        if (await db.SharedLinks.CountAsync(l => l.OwnerId == user.AccountId, cancellationToken) >= MostLinks)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"One may have {MostLinks} links; take some back first.");
        }

        var path = await db.CurrentOfAsync(found.Conversation, cancellationToken) is { } current ? await db.PathAsync(conversationId, current, int.MaxValue, MostMessages, cancellationToken) : [];
        path.RemoveAll(m => m.State is MessageState.Generating or MessageState.Failed);
        path.Reverse();
        var title = found.Conversation.Title ?? "Chat";
        var snapshot = new SharedConversationResponse(title, found.BotName, now, [.. path.Select(m => new SharedMessageResponse(
            m.Author is MessageAuthor.User ? MessageRole.User : MessageRole.Assistant, m.Text, m.Model, m.CreatedAt, [.. m.Citations.Select(c => new SharedCitationResponse(c.Number, c.DocumentName, c.Page, c.Quote))]))]);
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var link = new SharedLink
        {
            Id = Guid.CreateVersion7(now),
            OwnerId = user.AccountId,
            ConversationId = conversationId,
            TokenHash = Hash(token),
            Content = JsonSerializer.Serialize(snapshot, JsonSerializerOptions.Web),
            Title = title,
            Messages = path.Count,
            CreatedAt = now,
            ExpiresAt = request.ExpiresInDays is { } days ? now.AddDays(days) : request.ExpiresAt?.ToUniversalTime(),
        };
        db.Add(link);
        audit.Record(AuditActions.ConversationPublished, "shared_link", link.Id, new { conversationId, expiresAt = link.ExpiresAt });
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/v1/shared-links/{link.Id}", Response(link) with { Url = site.Value.At($"/shared/{token}").ToString() });
    }

    public static async Task<Ok<List<SharedLinkResponse>>> ListAsync(CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return TypedResults.Ok(await db.SharedLinks.AsNoTracking().Where(l => l.OwnerId == user.AccountId && (l.ExpiresAt == null || l.ExpiresAt > now)).OrderByDescending(l => l.Id)
            .Select(l => new SharedLinkResponse(l.Id, l.ConversationId, l.Title, l.Messages, l.CreatedAt, l.ExpiresAt, null)).ToListAsync(cancellationToken));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> TakeBackAsync(Guid linkId, CurrentUser user, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.SharedLinks.Where(l => l.Id == linkId && l.OwnerId == user.AccountId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return Problems.NotFound();
        }

        audit.Record(AuditActions.ConversationUnpublished, "shared_link", linkId);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>For anybody. One that never was, one that is over and one that was taken back are the same.</summary>
    public static async Task<Results<Ok<SharedConversationResponse>, ProblemHttpResult>> ReadAsync(string token, HttpResponse response, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        response.Headers["X-Robots-Tag"] = "noindex, nofollow, noarchive";
        if (token.Length != Base64Url.GetEncodedLength(TokenBytes))
        {
            return Problems.NotFound();
        }

        var (hash, now) = (Hash(token), time.GetUtcNow());
        var link = await db.SharedLinks.AsNoTracking().SingleOrDefaultAsync(l => l.TokenHash == hash && (l.ExpiresAt == null || l.ExpiresAt > now), cancellationToken);
        return link is not null && JsonSerializer.Deserialize<SharedConversationResponse>(link.Content, JsonSerializerOptions.Web) is { } shared ? TypedResults.Ok(shared) : Problems.NotFound();
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static SharedLinkResponse Response(SharedLink l) => new(l.Id, l.ConversationId, l.Title, l.Messages, l.CreatedAt, l.ExpiresAt);
}
