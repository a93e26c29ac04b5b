using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Knowledge;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Responses;

/// <summary>Why somebody may not do something with a thing: what they may not see does not exist; what they may see is shared with them, but not for this.</summary>
internal static class Refusals
{
    public static async Task<ProblemHttpResult> OfBotAsync(ChatSphereDb db, Guid botId, CurrentUser user, CancellationToken cancellationToken) =>
        await db.Bots.VisibleTo(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken) ? NotForThis() : Problems.NotFound();

    /// <summary>Why it answers nobody now, or not this person.</summary>
    public static async Task<ProblemHttpResult> OfTalkingAsync(ChatSphereDb db, Guid botId, CurrentUser user, CancellationToken cancellationToken) =>
        await db.Bots.VisibleTo(db, user.AccountId).AnyAsync(b => b.Id == botId && b.ArchivedAt != null, cancellationToken)
            ? Problems.Conflict(ErrorCodes.BotArchived, "This bot was put away. Its owner can take it back.")
            : await OfBotAsync(db, botId, user, cancellationToken);

    public static async Task<ProblemHttpResult> OfDocumentAsync(ChatSphereDb db, Guid documentId, CurrentUser user, CancellationToken cancellationToken) =>
        await db.Documents.VisibleTo(db, user.AccountId).AnyAsync(d => d.Id == documentId, cancellationToken) ? NotForThis() : Problems.NotFound();

    public static async Task<ProblemHttpResult> OfPromptAsync(ChatSphereDb db, Guid promptId, CurrentUser user, CancellationToken cancellationToken) =>
        await db.Prompts.VisibleTo(db, user.AccountId).AnyAsync(p => p.Id == promptId, cancellationToken) ? NotForThis() : Problems.NotFound();

    private static ProblemHttpResult NotForThis() =>
        Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.PermissionMissing, "It is shared with you, but not for this. Ask its owner for more.");
}
