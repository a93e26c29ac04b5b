using ChatSphere.Data.Files;
using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.People;

public sealed class PeoplePersonalData(ChatSphereDb db, BlobStore blobs) : IPersonalData
{
    public string Section => "people";

    public IReadOnlyList<Type> Owns => [typeof(Profile), typeof(Relationship), typeof(Block)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            "profile",
            db.Profiles.AsNoTracking().Where(p => p.AccountId == accountId).Select(p => new
            {
                p.Handle, p.Bio, p.Pronouns, p.Status, p.Locale, p.Theme, p.DefaultModel, p.TimeZone, p.WhoCanFindMe, p.WhoCanAskFriendship, p.WhoCanMessageMe, p.ShowPresence, p.Presence,
            }).AsAsyncEnumerable(),
            cancellationToken);
        await writer.WriteAsync(
            "relationships",
            db.Relationships.AsNoTracking().Of(accountId).OrderBy(r => r.Id)
                .Select(r => new { AccountId = r.LowId == accountId ? r.HighId : r.LowId, AskedByMe = r.RequestedBy == accountId, r.AcceptedAt, r.Since }).AsAsyncEnumerable(),
            cancellationToken);

        // Whom I block; who blocks me is theirs to know.
        await writer.WriteAsync(
            "blocks", db.Blocks.AsNoTracking().Where(b => b.BlockerId == accountId).OrderBy(b => b.BlockedId).Select(b => new { b.BlockedId, b.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        var avatar = await db.Profiles.AsNoTracking().Where(p => p.AccountId == accountId).Select(p => new { p.AvatarSha256, p.AvatarType }).SingleOrDefaultAsync(cancellationToken);
        if (avatar is { AvatarSha256: { } sha256, AvatarType: { } type } && blobs.Exists(sha256))
        {
            await using var content = blobs.OpenRead(sha256);
            await writer.WriteFileAsync($"avatar.{type["image/".Length..]}", content, cancellationToken);
        }
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        if (await db.Profiles.SingleOrDefaultAsync(p => p.AccountId == accountId, cancellationToken) is { } profile)
        {
            profile.ShowAvatar(null, null);
            db.Profiles.Remove(profile);
        }

        foreach (var relationship in await db.Relationships.Of(accountId).ToListAsync(cancellationToken))
        {
            relationship.End();
            db.Relationships.Remove(relationship);
        }

        await db.SaveChangesAsync(cancellationToken);
        await db.Blocks.Where(b => b.BlockerId == accountId || b.BlockedId == accountId).ExecuteDeleteAsync(cancellationToken);
    }
}
