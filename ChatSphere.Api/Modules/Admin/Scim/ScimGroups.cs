using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Group = ChatSphere.Data.Accounts.Group;

namespace ChatSphere.Api.Modules.Admin.Scim;

/// <summary>Groups and who is in them. Whoever puts somebody into a group that has roles must hold what these grant, a provisioning client too.</summary>
internal sealed partial class ScimGroups(ChatSphereDb db, RightsChange change, AuditTrail audit, TimeProvider time)
{
    private const int MaxMembers = 10_000;

    /// <summary>What a request says of a group; null stays as it is.</summary>
    private sealed class Wish
    {
        public string? DisplayName { get; set; }
        public string? ExternalId { get; set; }

        /// <summary>Exactly these, before what is added and removed.</summary>
        public List<string>? Members { get; set; }
        public List<string> Added { get; } = [];
        public List<string> Removed { get; } = [];
    }

    public async Task<IResult> ListAsync(string? filter, int? startIndex, int? count, string? excludedAttributes, CancellationToken cancellationToken)
    {
        if (!ScimFilter.TryRead(filter, out var comparison))
        {
            return BadFilter();
        }

        IQueryable<Group> found = db.Groups;
        switch (comparison)
        {
            case null:
                break;
            case ("displayname", var value):
                found = found.Where(g => g.Name == value);
                break;
            case ("externalid", var value):
                found = found.Where(g => g.ExternalId == value);
                break;
            case ("id", var value):
                var id = Guid.TryParse(value, out var parsed) ? parsed : Guid.Empty;
                found = found.Where(g => g.Id == id);
                break;
            case ("members.value" or "members", var value):
                var member = Guid.TryParse(value, out var memberId) ? memberId : Guid.Empty;
                found = found.Where(g => db.GroupMembers.Any(m => m.GroupId == g.Id && m.AccountId == member));
                break;
            default:
                return BadFilter();
        }

        var start = Math.Max(1, startIndex ?? 1);
        var take = Math.Clamp(count ?? 100, 0, ScimJson.MaxResults);
        var total = await found.CountAsync(cancellationToken);
        var page = await found.AsNoTracking().OrderBy(g => g.Id).Skip(start - 1).Take(take).ToListAsync(cancellationToken);
        return ScimJson.Json(ScimJson.List(await DescribeAsync(page, WithoutMembers(excludedAttributes), cancellationToken), total, start));
    }

    public async Task<IResult> GetAsync(Guid id, HttpContext http, string? excludedAttributes, CancellationToken cancellationToken) =>
        await db.Groups.AsNoTracking().SingleOrDefaultAsync(g => g.Id == id, cancellationToken) is { } group
            ? ScimJson.Resource(http, (await DescribeAsync([group], WithoutMembers(excludedAttributes), cancellationToken))[0])
            : Problems.NotFound();

    public async Task<IResult> CreateAsync(HttpContext http, CurrentUser user, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await ScimJson.ReadAsync(http.Request, cancellationToken);
        if (unreadable is not null)
        {
            return unreadable;
        }

        var wish = Read(body!);
        if (wish.DisplayName is null)
        {
            return ScimJson.Refuse("invalidValue", "displayName is required.");
        }

        if (RefuseTexts(wish) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await change.BeginAsync(cancellationToken);
        var group = GroupRules.Create(wish.DisplayName, null, time.GetUtcNow());
        group.ExternalId = wish.ExternalId;
        db.Groups.Add(group);
        audit.Record(AuditActions.GroupCreated, "group", group.Id, new { groupId = group.Id, group = group.Name });
        return await ApplyAsync(group, wish, transaction, user, http, 201, cancellationToken);
    }

    /// <param name="replace">PUT: the whole resource; else PATCH.</param>
    public async Task<IResult> ChangeAsync(Guid id, bool replace, HttpContext http, CurrentUser user, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await ScimJson.ReadAsync(http.Request, cancellationToken);
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (await db.Groups.SingleOrDefaultAsync(g => g.Id == id, cancellationToken) is not { } group)
        {
            return Problems.NotFound();
        }

        if (unreadable is not null)
        {
            return unreadable;
        }

        if (http.Request.Headers.IfMatch.Count > 0 && !ScimJson.Matches(http.Request, (await DescribeAsync([group], withoutMembers: false, cancellationToken))[0]))
        {
            return ScimJson.VersionDiffers();
        }

        var wish = replace ? Read(body!) : ReadPatch(body!);
        if (wish is null)
        {
            return ScimJson.Refuse("invalidSyntax", "Operations is a list of add, replace and remove.");
        }

        if (RefuseTexts(wish) is { } refusal)
        {
            return refusal;
        }

        if (replace)
        {
            wish.Members ??= [];
        }

        if ((wish.DisplayName is not null && RoleRules.Name(wish.DisplayName) != group.Name) || (wish.ExternalId is not null && wish.ExternalId != group.ExternalId))
        {
            group.Name = wish.DisplayName is null ? group.Name : RoleRules.Name(wish.DisplayName);
            group.ExternalId = wish.ExternalId ?? group.ExternalId;
            audit.Record(AuditActions.GroupChanged, "group", group.Id, new { groupId = group.Id, group = group.Name });
        }

        return await ApplyAsync(group, wish, transaction, user, http, 200, cancellationToken);
    }

    private async Task<IResult> ApplyAsync(
        Group group, Wish wish, Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction, CurrentUser user, HttpContext http, int status, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            var now = await db.GroupMembers.Where(m => m.GroupId == group.Id).Select(m => m.AccountId).ToListAsync(cancellationToken);
            if (Ids(wish.Added) is not { } added || Ids(wish.Removed) is not { } removed || Ids(wish.Members ?? []) is not { } exactly)
            {
                return ScimJson.Refuse("invalidValue", "Members are given by the id of a user.");
            }

            var wanted = (wish.Members is null ? now : exactly).Union(added).Except(removed).ToHashSet();
            if (wanted.Count > MaxMembers)
            {
                return ScimJson.Refuse("tooMany", $"At most {MaxMembers} members.");
            }

            var coming = wanted.Except(now).ToList();
            var going = now.Except(wanted).ToList();
            if ((coming.Count > 0 || going.Count > 0) && await change.RefuseMembershipAsync(user, group.Id, cancellationToken) is { } refusal)
            {
                return refusal;
            }

            if (await db.People().CountAsync(a => coming.Contains(a.Id) && a.DeprovisionedAt == null, cancellationToken) != coming.Count)
            {
                return ScimJson.Refuse("invalidValue", "A member is no user.");
            }

            foreach (var id in coming)
            {
                await change.JoinAsync(group, id, cancellationToken);
            }

            foreach (var id in going)
            {
                await change.LeaveAsync(group, id, cancellationToken);
            }

            if (await change.CommitAsync(transaction, cancellationToken) is { } locked)
            {
                return locked;
            }
        }
        catch (DbUpdateException e) when (RoleRules.IsTaken(e))
        {
            return ScimJson.Refuse("uniqueness", "There is a group of this displayName.", 409);
        }

        return ScimJson.Resource(http, (await DescribeAsync([group], withoutMembers: false, cancellationToken))[0], status);
    }

    private async Task<List<JsonObject>> DescribeAsync(IReadOnlyCollection<Group> groups, bool withoutMembers, CancellationToken cancellationToken)
    {
        var ids = groups.Select(g => g.Id).ToList();
        var members = withoutMembers ? null : (await db.GroupMembers.Where(m => ids.Contains(m.GroupId))
            .Join(db.Users, m => m.AccountId, a => a.Id, (m, a) => new { m.GroupId, a.Id, a.DisplayName }).OrderBy(m => m.Id).ToListAsync(cancellationToken)).ToLookup(m => m.GroupId);
        return [.. groups.Select(g =>
        {
            var resource = new JsonObject { ["schemas"] = new JsonArray(ScimJson.GroupSchema), ["id"] = g.Id.ToString(), ["externalId"] = g.ExternalId, ["displayName"] = g.Name };
            if (members is not null)
            {
                resource["members"] = new JsonArray([.. members[g.Id].Select(m => new JsonObject { ["value"] = m.Id.ToString(), ["display"] = m.DisplayName, ["$ref"] = $"/scim/v2/Users/{m.Id}" })]);
            }

            return ScimJson.WithMeta(resource, "Group", g.CreatedAt);
        })];
    }

    private static Wish Read(JsonObject body) => new()
    {
        DisplayName = ScimJson.Text(body["displayName"]),
        ExternalId = ScimJson.Text(body["externalId"]),
        Members = body["members"] is { } members ? Values(members) : null,
    };

    private static Wish? ReadPatch(JsonObject body)
    {
        if (body["Operations"] is not JsonArray { Count: > 0 and <= 1_000 } operations)
        {
            return null;
        }

        var wish = new Wish();
        foreach (var node in operations)
        {
            if (node is not JsonObject operation || ScimJson.Text(operation["op"])?.ToLowerInvariant() is not { } op || op is not ("add" or "replace" or "remove"))
            {
                return null;
            }

            var path = ScimJson.Text(operation["path"]);
            var value = operation["value"];
            if (path is null)
            {
                if (value is not JsonObject attributes)
                {
                    return null;
                }

                var read = Read(attributes);
                wish.DisplayName = read.DisplayName ?? wish.DisplayName;
                wish.ExternalId = read.ExternalId ?? wish.ExternalId;
                Members(op, read.Members);
            }
            else if (path.Equals("displayName", StringComparison.OrdinalIgnoreCase))
            {
                wish.DisplayName = ScimJson.Text(value) ?? wish.DisplayName;
            }
            else if (path.Equals("externalId", StringComparison.OrdinalIgnoreCase))
            {
                wish.ExternalId = ScimJson.Text(value) ?? wish.ExternalId;
            }
            else if (path.Equals("members", StringComparison.OrdinalIgnoreCase))
            {
                Members(op, value is null ? null : Values(value));
                if (op == "remove" && value is null)
                {
                    wish.Members = [];
                    wish.Added.Clear();
                }
            }
            else if (op == "remove" && OneMember().Match(path) is { Success: true } one)
            {
                Members(op, [one.Groups[1].Value]);
            }
        }

        return wish;

        void Members(string op, List<string>? ids)
        {
            switch (op)
            {
                case "replace" when ids is not null:
                    wish.Members = ids;
                    wish.Added.Clear();
                    wish.Removed.Clear();
                    break;
                case "add":
                    wish.Added.AddRange(ids ?? []);
                    wish.Removed.RemoveAll(i => ids?.Contains(i) == true);
                    break;
                case "remove":
                    wish.Removed.AddRange(ids ?? []);
                    wish.Added.RemoveAll(i => ids?.Contains(i) == true);
                    break;
                default:
                    break;
            }
        }
    }

    private static List<string> Values(JsonNode members) =>
        [.. (members as JsonArray ?? [members.DeepClone()]).Select(m => ScimJson.Text((m as JsonObject)?["value"]) ?? ScimJson.Text(m) ?? "")];

    /// <summary>Null: one of them is no id.</summary>
    private static List<Guid>? Ids(List<string> values)
    {
        var ids = new List<Guid>();
        foreach (var value in values)
        {
            if (!Guid.TryParse(value, out var id))
            {
                return null;
            }

            ids.Add(id);
        }

        return ids;
    }

    private static ProblemHttpResult? RefuseTexts(Wish wish) =>
        wish.DisplayName is { } name && (name.Trim().Length is 0 or > 80 || TextRules.Problem(name) is not null) ? ScimJson.Refuse("invalidValue", "displayName has 1 to 80 visible characters.")
        : wish.ExternalId is { Length: > 200 } ? ScimJson.Refuse("invalidValue", "externalId has at most 200 characters.")
        : null;

    private static bool WithoutMembers(string? excluded) => excluded?.Split(',', StringSplitOptions.TrimEntries).Contains("members", StringComparer.OrdinalIgnoreCase) == true;

    private static ProblemHttpResult BadFilter() => ScimJson.Refuse("invalidFilter", "Filters are: displayName eq, externalId eq, id eq, members.value eq.");

    [GeneratedRegex("""^members\[value eq "([^"]{1,64})"\]$""", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex OneMember();
}
