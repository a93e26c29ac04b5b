using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Files;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>
/// A bot of one's own with the settings of another, which one must be allowed to edit: who may not, does not see its instructions. Documents are taken over as files that lie there once,
/// and read anew.
/// </summary>
internal static class CloneBot
{
    private const int MostDocuments = 1_000;

    public static async Task<Results<Created<BotResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, CloneBotRequest request, HttpResponse http, CurrentUser user, ChatSphereDb db, IUsageGate gate, BlobStore blobs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Name is not null && TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (await db.Bots.AsNoTracking().EditableBy(db, user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } original)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var documents = request.Knowledge
            ? await db.Documents.AsNoTracking().Where(d => d.BotId == botId && d.Stage != DocumentStage.Cancelled && d.Stage != DocumentStage.Failed).OrderBy(d => d.Id)
                .Select(d => new { d.Name, d.Sha256, d.Size }).Take(MostDocuments + 1).ToListAsync(cancellationToken)
            : [];
        if (documents.Count > MostDocuments)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"It has more than {MostDocuments} documents; copy it without them.");
        }

        var now = time.GetUtcNow();
        var settings = BotSettings.Of(original);
        settings = settings with { Name = request.Name?.Trim() ?? Copy(settings.Name) };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await using var room = await gate.ForBotAsync(user.AccountId, settings.Model, cancellationToken);
        if (room.Refusal is { } full)
        {
            return full.ToProblem();
        }

        var bot = Bot.Copy(user.AccountId, settings, original.ReviewBeforePublishing, now);
        db.Bots.Add(bot);
        db.BotVersions.Add(bot.FirstVersion(user.AccountId, now));
        if (original is { AvatarSha256: { } picture, AvatarType: { } type })
        {
            await db.LockBlobAsync(picture, cancellationToken);
            if (blobs.Exists(picture))
            {
                bot.ShowAvatar(picture, type);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        foreach (var document in documents)
        {
            // Its file must not be removed as unused in between.
            await db.LockBlobAsync(document.Sha256, cancellationToken);
            if (!blobs.Exists(document.Sha256))
            {
                continue;
            }

            await using var place = await gate.ForDocumentAsync(bot.Id, document.Size, cancellationToken);
            if (place.Refusal is { } noRoom)
            {
                return noRoom.ToProblem();
            }

            db.Documents.Add(Document.Queue(bot.Id, user.AccountId, document.Name, document.Sha256, document.Size, now));
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        var made = await BotEditing.ShowAsync(db, bot.Id, user, http, cancellationToken);
        return TypedResults.Created($"/v1/bots/{bot.Id}", made.Value);
    }

    private static string Copy(string name)
    {
        const string Suffix = " (copy)";
        var room = 80 - Suffix.Length;
        name = name.Length <= room ? name : name[..(char.IsHighSurrogate(name[room - 1]) ? room - 1 : room)];
        return name + Suffix;
    }
}
