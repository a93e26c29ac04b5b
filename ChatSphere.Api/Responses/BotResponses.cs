using ChatSphere.Api.Pictures;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Sharing;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Responses;

internal static class BotResponses
{
    public static async Task<BotResponse?> OneAsync(ChatSphereDb db, IQueryable<Bot> bots, Guid accountId, CancellationToken cancellationToken) =>
        (await ListAsync(db, bots, accountId, cancellationToken)).SingleOrDefault();

    /// <summary>Bots that the account may see, in the order of the query, with what it may do with each.</summary>
    public static async Task<List<BotResponse>> ListAsync(ChatSphereDb db, IQueryable<Bot> bots, Guid accountId, CancellationToken cancellationToken)
    {
        var found = await bots.AsNoTracking().Select(b => new
        {
            Bot = b,
            Documents = db.Documents.Count(d => d.BotId == b.Id),
            Owner = db.Users.Where(a => a.Id == b.OwnerId).Select(a => a.DisplayName).FirstOrDefault(),
        }).ToListAsync(cancellationToken);

        // A second question, because the shares of few bots are found by their index and are few; joined, they would multiply the rows above.
        var others = found.Where(f => f.Bot.OwnerId != accountId).Select(f => f.Bot.Id).ToArray();
        var shares = others.Length == 0 ? Enumerable.Empty<Guid>().ToLookup(id => id, _ => (ShareOf.Bot, ShareRight.View))
            : (await db.SharesReaching(accountId).Where(s => others.Contains(s.ResourceId)).Select(s => new { s.ResourceId, s.ResourceKind, s.Right }).ToListAsync(cancellationToken))
                .ToLookup(s => s.ResourceId, s => (s.ResourceKind, s.Right));
        return found.ConvertAll(f =>
        {
            var bot = f.Bot;
            var (right, knowledge) = bot.OwnerId == accountId ? (SharedRight.Owner, SharedRight.Owner) : Rights(shares[bot.Id]);
            return new BotResponse(
                bot.Id, bot.Name, right >= SharedRight.Edit ? bot.Instructions : "", bot.Model, bot.Temperature, f.Documents, bot.CreatedAt, bot.UpdatedAt, right, knowledge,
                new BotOwner(bot.OwnerId, f.Owner ?? ""))
            {
                Description = bot.Description,
                Greeting = bot.Greeting,
                Starters = bot.Starters,
                Avatar = AvatarImage.VersionOf(bot.AvatarSha256),
                ArchivedAt = bot.ArchivedAt,
                ReviewBeforePublishing = bot.ReviewBeforePublishing,
                Version = bot.Version,
                Revision = bot.Revision,
                Draft = right >= SharedRight.Edit && bot.Draft is not null ? From(bot.Edited()) : null,
                Canary = right >= SharedRight.Edit && bot.CanaryVersion is { } canary ? new BotCanaryResponse(canary, bot.CanaryPercent) : null,
                Strict = bot.Strict,
                UsesMemory = bot.UsesMemory,
                Fallback = bot.Fallback,
            };
        });
    }

    public static BotSettingsResponse From(BotSettings s) => new(s.Name, s.Description, s.Instructions, s.Model, s.Fallback, s.Temperature, s.Greeting, s.Starters, s.Strict, s.UsesMemory);

    private static (SharedRight Right, SharedRight? Knowledge) Rights(IEnumerable<(ShareOf Of, ShareRight Right)> shares)
    {
        var (right, knowledge) = (ShareRight.View, (ShareRight?)null);
        foreach (var share in shares)
        {
            if (share.Of == ShareOf.Bot)
            {
                right = share.Right > right ? share.Right : right;
            }

            if (share.Of == ShareOf.Knowledge || share.Right == ShareRight.Edit)
            {
                knowledge = knowledge is null || share.Right > knowledge ? share.Right : knowledge;
            }
        }

        return (ToWire(right), knowledge is { } k ? ToWire(k) : null);
    }

    public static SharedRight ToWire(ShareRight right) => right switch { ShareRight.Edit => SharedRight.Edit, ShareRight.Use => SharedRight.Use, _ => SharedRight.View };
}
