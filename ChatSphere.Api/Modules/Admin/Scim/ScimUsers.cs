using System.Text.Json.Nodes;
using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Admin.Scim;

/// <summary>Users as an identity provider keeps them: <c>userName</c> is the e-mail; what has no place here is taken and not kept.</summary>
internal sealed class ScimUsers(ChatSphereDb db, RightsChange change, Invitations invitations, ILookupNormalizer normalizer, AuditTrail audit)
{
    /// <summary>What a request says of a user; null stays as it is.</summary>
    private sealed record Wish(string? UserName, string? DisplayName, string? ExternalId, bool? Active);

    private IQueryable<Account> Known => db.People().Where(a => a.DeprovisionedAt == null);

    public async Task<IResult> ListAsync(string? filter, int? startIndex, int? count, CancellationToken cancellationToken)
    {
        if (!ScimFilter.TryRead(filter, out var comparison))
        {
            return ScimJson.Refuse("invalidFilter", "Filters are: userName eq, externalId eq, id eq, active eq.");
        }

        var found = Known;
        switch (comparison)
        {
            case null:
                break;
            case ("username" or "emails.value" or "emails", var value):
                var normalized = normalizer.NormalizeEmail(value);
                found = found.Where(a => a.NormalizedEmail == normalized);
                break;
            case ("externalid", var value):
                found = found.Where(a => a.ExternalId == value);
                break;
            case ("id", var value):
                var id = Guid.TryParse(value, out var parsed) ? parsed : Guid.Empty;
                found = found.Where(a => a.Id == id);
                break;
            case ("active", var value):
                var active = value.Equals("true", StringComparison.OrdinalIgnoreCase);
                found = found.Where(a => (a.DisabledAt == null) == active);
                break;
            default:
                return ScimJson.Refuse("invalidFilter", "Filters are: userName eq, externalId eq, id eq, active eq.");
        }

        var start = Math.Max(1, startIndex ?? 1);
        var take = Math.Clamp(count ?? 100, 0, ScimJson.MaxResults);
        var total = await found.CountAsync(cancellationToken);
        var page = await found.AsNoTracking().OrderBy(a => a.Id).Skip(start - 1).Take(take).ToListAsync(cancellationToken);
        return ScimJson.Json(ScimJson.List(await DescribeAsync(page, cancellationToken), total, start));
    }

    public async Task<IResult> GetAsync(Guid id, HttpContext http, CancellationToken cancellationToken) =>
        await OneAsync(id, cancellationToken) is { } found ? ScimJson.Resource(http, found) : Problems.NotFound();

    public async Task<IResult> CreateAsync(HttpContext http, CurrentUser user, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await ScimJson.ReadAsync(http.Request, cancellationToken);
        if (unreadable is not null)
        {
            return unreadable;
        }

        var wish = Read(body!);
        if (wish.UserName is null || !Invitations.IsAddress(wish.UserName.Trim()))
        {
            return ScimJson.Refuse("invalidValue", "userName must be an e-mail address.");
        }

        var name = wish.DisplayName ?? wish.UserName.Trim()[..wish.UserName.Trim().IndexOf('@', StringComparison.Ordinal)];
        if (RefuseTexts(wish with { DisplayName = name.Length > 64 && wish.DisplayName is null ? name[..64] : name }) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await change.BeginAsync(cancellationToken);
        var normalized = normalizer.NormalizeEmail(wish.UserName.Trim());
        var account = await db.Users.SingleOrDefaultAsync(a => a.NormalizedEmail == normalized, cancellationToken);
        if (account is { DeprovisionedAt: not null })
        {
            // Deleted by this client before, and now wanted again: the same person, with what they had.
            account.DeprovisionedAt = null;
            if (await ApplyAsync(account, wish with { Active = wish.Active ?? true }, user, cancellationToken) is { } above)
            {
                return above;
            }
        }
        else if (account is not null)
        {
            return ScimJson.Refuse("uniqueness", "There is a user of this userName.", 409);
        }
        else
        {
            account = invitations.Add(wish.UserName, name.Length > 64 ? name[..64] : name, [], "scim")!;
            account.ExternalId = wish.ExternalId;
            await db.SaveChangesAsync(cancellationToken);
            change.Give(account.Id, await db.Roles.AsNoTracking().SingleAsync(r => r.Id == Role.MemberId, cancellationToken));
            if (wish.Active is false)
            {
                await change.DisableAsync(account.Id, "scim", cancellationToken);
            }
            else
            {
                invitations.Send(account);
            }
        }

        return await SaveAsync(transaction, cancellationToken) is { } refused ? refused : ScimJson.Resource(http, (await OneAsync(account.Id, cancellationToken))!, 201);
    }

    /// <param name="replace">PUT: the whole resource; else PATCH.</param>
    public async Task<IResult> ChangeAsync(Guid id, bool replace, HttpContext http, CurrentUser user, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await ScimJson.ReadAsync(http.Request, cancellationToken);
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (await Known.SingleOrDefaultAsync(a => a.Id == id, cancellationToken) is not { } account)
        {
            return Problems.NotFound();
        }

        if (unreadable is not null)
        {
            return unreadable;
        }

        if (!ScimJson.Matches(http.Request, (await DescribeAsync([account], cancellationToken))[0]))
        {
            return ScimJson.VersionDiffers();
        }

        Wish wish;
        if (replace)
        {
            wish = Read(body!);
            if (wish.UserName is null)
            {
                return ScimJson.Refuse("invalidValue", "userName is required.");
            }
        }
        else if (ReadPatch(body!) is { } patch)
        {
            wish = patch;
        }
        else
        {
            return ScimJson.Refuse("invalidSyntax", "Operations is a list of add, replace and remove.");
        }

        if (RefuseTexts(wish) is { } refusal)
        {
            return refusal;
        }

        if (await ApplyAsync(account, wish, user, cancellationToken) is { } above)
        {
            return above;
        }

        return await SaveAsync(transaction, cancellationToken) is { } refused ? refused : ScimJson.Resource(http, (await OneAsync(id, cancellationToken))!);
    }

    /// <summary>Disabled, and gone from here. What the person owns stays until an administrator decides: a directory's mistake must not destroy it.</summary>
    public async Task<IResult> DeleteAsync(Guid id, CurrentUser user, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (await Known.SingleOrDefaultAsync(a => a.Id == id, cancellationToken) is not { } account)
        {
            return Problems.NotFound();
        }

        if (await change.RefuseActingOnAsync(user, id, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await change.DisableAsync(id, "deprovisioned", cancellationToken);
        account.DeprovisionedAt = time.GetUtcNow();
        account.ExternalId = null;
        return await SaveAsync(transaction, cancellationToken) is { } refused ? refused : TypedResults.NoContent();
    }

    private async Task<ProblemHttpResult?> ApplyAsync(Account account, Wish wish, CurrentUser user, CancellationToken cancellationToken)
    {
        if (await change.RefuseActingOnAsync(user, account.Id, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var changed = new List<string>();
        if (wish.UserName?.Trim() is { } userName && normalizer.NormalizeEmail(userName) != account.NormalizedEmail)
        {
            (account.Email, account.UserName) = (userName, userName);
            (account.NormalizedEmail, account.NormalizedUserName) = (normalizer.NormalizeEmail(userName), normalizer.NormalizeName(userName));
            (account.SecurityStamp, account.EmailConfirmed) = (Guid.NewGuid().ToString(), false);

            // Links that were mailed to the old address open nothing any more.
            await db.OneTimeTokens.Where(t => t.AccountId == account.Id && t.UsedAt == null).ExecuteDeleteAsync(cancellationToken);
            changed.Add("email");
        }

        if (wish.DisplayName?.Trim() is { } name && name != account.DisplayName)
        {
            account.DisplayName = name;
            changed.Add("displayName");
        }

        if (wish.ExternalId is not null && wish.ExternalId != account.ExternalId)
        {
            account.ExternalId = wish.ExternalId;
            changed.Add("externalId");
        }

        if (changed.Count > 0)
        {
            account.ConcurrencyStamp = Guid.NewGuid().ToString();
            audit.Record(AuditActions.AccountChanged, "account", account.Id, new { changed });
        }

        // After what is tracked: it changes the row itself.
        await db.SaveChangesAsync(cancellationToken);
        _ = wish.Active switch
        {
            false => await change.DisableAsync(account.Id, "scim", cancellationToken),
            true => await change.EnableAsync(account.Id, "scim", cancellationToken),
            null => false,
        };
        return null;
    }

    private async Task<ProblemHttpResult?> SaveAsync(Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            return await change.CommitAsync(transaction, cancellationToken);
        }
        catch (DbUpdateException e) when (RoleRules.IsTaken(e))
        {
            return ScimJson.Refuse("uniqueness", "There is a user of this userName.", 409);
        }
    }

    private async Task<JsonObject?> OneAsync(Guid id, CancellationToken cancellationToken)
    {
        var account = await Known.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        return account is null ? null : (await DescribeAsync([account], cancellationToken))[0];
    }

    private async Task<List<JsonObject>> DescribeAsync(IReadOnlyCollection<Account> accounts, CancellationToken cancellationToken)
    {
        var ids = accounts.Select(a => a.Id).ToList();
        var groups = (await db.GroupMembers.Where(m => ids.Contains(m.AccountId)).Join(db.Groups, m => m.GroupId, g => g.Id, (m, g) => new { m.AccountId, g.Id, g.Name }).OrderBy(g => g.Id).ToListAsync(cancellationToken)).ToLookup(g => g.AccountId);
        return [.. accounts.Select(a => ScimJson.WithMeta(new JsonObject
        {
            ["schemas"] = new JsonArray(ScimJson.UserSchema),
            ["id"] = a.Id.ToString(),
            ["externalId"] = a.ExternalId,
            ["userName"] = a.Email,
            ["name"] = new JsonObject { ["formatted"] = a.DisplayName },
            ["displayName"] = a.DisplayName,
            ["active"] = a.DisabledAt is null,
            ["emails"] = new JsonArray(new JsonObject { ["value"] = a.Email, ["type"] = "work", ["primary"] = true }),
            ["groups"] = new JsonArray([.. groups[a.Id].Select(g => new JsonObject { ["value"] = g.Id.ToString(), ["display"] = g.Name, ["$ref"] = $"/scim/v2/Groups/{g.Id}" })]),
        }, "User", a.CreatedAt))];
    }

    private static Wish Read(JsonObject body)
    {
        var name = body["name"] as JsonObject;
        var parts = string.Join(' ', new[] { ScimJson.Text(name?["givenName"]), ScimJson.Text(name?["familyName"]) }.Where(p => !string.IsNullOrWhiteSpace(p)));
        return new Wish(
            ScimJson.Text(body["userName"]), ScimJson.Text(body["displayName"]) ?? ScimJson.Text(name?["formatted"]) ?? (parts.Length > 0 ? parts : null),
            ScimJson.Text(body["externalId"]), ScimJson.Truth(body["active"]));
    }

    /// <summary>RFC 7644, 3.5.2: with a path, or with an object of attributes for a value. Null: not of that shape.</summary>
    private static Wish? ReadPatch(JsonObject body)
    {
        if (body["Operations"] is not JsonArray { Count: > 0 and <= 100 } operations)
        {
            return null;
        }

        var wish = new Wish(null, null, null, null);
        foreach (var node in operations)
        {
            if (node is not JsonObject operation || ScimJson.Text(operation["op"])?.ToLowerInvariant() is not { } op || op is not ("add" or "replace" or "remove"))
            {
                return null;
            }

            var value = operation["value"];
            switch (ScimJson.Text(operation["path"])?.ToLowerInvariant())
            {
                case null when value is JsonObject attributes:
                    var read = Read(attributes);
                    wish = new Wish(read.UserName ?? wish.UserName, read.DisplayName ?? wish.DisplayName, read.ExternalId ?? wish.ExternalId, read.Active ?? wish.Active);
                    break;
                case null:
                    return null;
                case "active":
                    wish = wish with { Active = ScimJson.Truth(value) ?? wish.Active };
                    break;
                case "username":
                    wish = wish with { UserName = ScimJson.Text(value) ?? wish.UserName };
                    break;
                case "displayname" or "name.formatted":
                    wish = wish with { DisplayName = ScimJson.Text(value) ?? wish.DisplayName };
                    break;
                case "externalid":
                    wish = wish with { ExternalId = ScimJson.Text(value) ?? "" };
                    break;
                default:
                    break;
            }
        }

        return wish;
    }

    private static ProblemHttpResult? RefuseTexts(Wish wish) =>
        wish.UserName is not null && !Invitations.IsAddress(wish.UserName.Trim()) ? ScimJson.Refuse("invalidValue", "userName must be an e-mail address.")
        : wish.DisplayName is { } name && (name.Trim().Length is 0 or > 64 || TextRules.Problem(name) is not null) ? ScimJson.Refuse("invalidValue", "displayName has 1 to 64 visible characters.")
        : wish.ExternalId is { Length: > 200 } ? ScimJson.Refuse("invalidValue", "externalId has at most 200 characters.")
        : null;
}
