using ChatSphere.Api.Http;
using ChatSphere.Contracts.Search;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.CommunitySearch;

/// <summary>For going somewhere, not for walking through all of it: a few of each kind, by name.</summary>
internal static class SearchThings
{
    private const int MostOfEach = 8;
    private const int MostConversations = 500;

    public static async Task<Results<Ok<IReadOnlyList<FoundThingResponse>>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, ChannelsInSight channels, CancellationToken cancellationToken, string? q = null, string? kinds = null)
    {
        if (string.IsNullOrWhiteSpace(q) || q.Length > 100 || TextRules.HasUnstorable(q))
        {
            return Problems.Invalid("q", "1 to 100 characters, without NUL and broken surrogates.");
        }

        var asked = new HashSet<FoundKind>();
        foreach (var name in (kinds ?? string.Join(',', Enum.GetNames<FoundKind>())).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Enum.TryParse<FoundKind>(name, ignoreCase: true, out var kind) || !Enum.IsDefined(kind) || char.IsAsciiDigit(name[0]))
            {
                return Problems.Invalid("kinds", $"Of {string.Join(", ", Enum.GetNames<FoundKind>().Select(n => n.ToLowerInvariant()))}, separated by commas.");
            }

            asked.Add(kind);
        }

        q = q.Trim();
        var like = $"%{q.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
        var sight = await channels.OfAsync(user.AccountId, cancellationToken);
        var (found, names, seen) = (new List<FoundThingResponse>(), sight.Servers.ToDictionary(s => s.Id, s => s.Name), sight.Channels);
        if (asked.Contains(FoundKind.Server))
        {
            found.AddRange(sight.Servers.Where(s => s.Name.Contains(q, StringComparison.OrdinalIgnoreCase)).OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase).Take(MostOfEach)
                .Select(s => new FoundThingResponse(FoundKind.Server, s.Id, s.Name, null, null)));
        }

        if (asked.Contains(FoundKind.Channel))
        {
            var rows = await db.Channels.AsNoTracking().Where(c => c.DeletedAt == null && c.Kind != ChannelKind.Category && c.Kind != ChannelKind.Thread && seen.Contains(c.Id) && EF.Functions.ILike(c.Name, like, @"\"))
                .OrderBy(c => c.Name).ThenBy(c => c.Id).Take(MostOfEach).Select(c => new { c.Id, c.Name, c.ServerId }).ToListAsync(cancellationToken);
            found.AddRange(rows.Select(c => new FoundThingResponse(FoundKind.Channel, c.Id, c.Name, c.ServerId, c.ServerId is { } s ? names.GetValueOrDefault(s) : null)));
        }

        if (asked.Contains(FoundKind.Thread))
        {
            var rows = await db.Channels.AsNoTracking().Where(c => c.DeletedAt == null && c.Kind == ChannelKind.Thread && seen.Contains(c.ParentId!.Value) && EF.Functions.ILike(c.Name, like, @"\"))
                .OrderByDescending(c => c.CreatedAt).ThenBy(c => c.Id).Take(MostOfEach).Select(c => new { c.Id, c.Name, c.ServerId, Parent = db.Channels.Where(p => p.Id == c.ParentId).Select(p => p.Name).FirstOrDefault() })
                .ToListAsync(cancellationToken);
            found.AddRange(rows.Select(c => new FoundThingResponse(FoundKind.Thread, c.Id, c.Name, c.ServerId, c.Parent)));
        }

        if (asked.Contains(FoundKind.Person))
        {
            var low = q.TrimStart('@').ToLowerInvariant();
            var people = db.FindableBy(user.AccountId).AsNoTracking().Where(a => a.Id != user.AccountId);
            var byHandle = db.Profiles.Where(p => p.Handle!.StartsWith(low)).Select(p => p.AccountId);
#pragma warning disable CA1304, CA1311, CA1862 // Becomes lower() in the database, which is what the index is made of.
            var rows = await people.Where(a => byHandle.Contains(a.Id) || a.DisplayName.ToLower().StartsWith(low)).OrderBy(a => a.DisplayName).ThenBy(a => a.Id).Take(MostOfEach)
                .Select(a => new { a.Id, a.DisplayName, Handle = db.Profiles.Where(p => p.AccountId == a.Id).Select(p => p.Handle).FirstOrDefault() }).ToListAsync(cancellationToken);
#pragma warning restore CA1304, CA1311, CA1862
            found.AddRange(rows.Select(a => new FoundThingResponse(FoundKind.Person, a.Id, a.DisplayName, null, a.Handle is null ? null : "@" + a.Handle)));
        }

        if (asked.Contains(FoundKind.Conversation))
        {
            // Titles may be stored sealed, so they are looked through here; of so many talks the newest.
            var rows = await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).Where(c => c.ExpiresAt == null).OrderByDescending(c => c.Id).Take(MostConversations)
                .Select(c => new { c.Id, c.Title, Bot = db.Bots.Where(b => b.Id == c.BotId).Select(b => b.Name).FirstOrDefault() }).ToListAsync(cancellationToken);
            found.AddRange(rows.Where(c => c.Title?.Contains(q, StringComparison.OrdinalIgnoreCase) == true).Take(MostOfEach).Select(c => new FoundThingResponse(FoundKind.Conversation, c.Id, c.Title!, null, c.Bot)));
        }

        if (asked.Contains(FoundKind.Document))
        {
            var rows = await db.Documents.AsNoTracking().VisibleTo(db, user.AccountId).Where(d => d.ConversationId == null && EF.Functions.ILike(d.Name, like, @"\")).OrderByDescending(d => d.Id).Take(MostOfEach)
                .Select(d => new { d.Id, d.Name, d.BotId, Bot = db.Bots.Where(b => b.Id == d.BotId).Select(b => b.Name).FirstOrDefault() }).ToListAsync(cancellationToken);
            found.AddRange(rows.Select(d => new FoundThingResponse(FoundKind.Document, d.Id, d.Name, d.BotId, d.Bot)));
        }

        return TypedResults.Ok<IReadOnlyList<FoundThingResponse>>(found);
    }
}
