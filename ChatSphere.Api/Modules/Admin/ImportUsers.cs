using System.Text;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Api.Modules.Admin;

/// <summary>
/// Accounts from a CSV file: <c>email,displayName,roles,groups</c>, several roles or groups separated by a semicolon. Each row is its own transaction, so that one bad row
/// costs nobody else; read as it arrives. A known e-mail is brought up to date, and nothing is taken from it, so the same file may be sent again.
/// </summary>
internal static class ImportUsers
{
    public const int MaxBytes = 5 << 20;
    private const int MaxRows = 10_000;
    private const int MaxReported = 1_000;

    public static async Task<Results<Ok<ImportUsersResponse>, ProblemHttpResult>> HandleAsync(
        HttpRequest request, CurrentUser user, ChatSphereDb db, RightsChange change, Invitations invitations, ILookupNormalizer normalizer, AuditTrail audit, CancellationToken cancellationToken,
        bool dryRun = false, bool invite = true)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !(type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)))
        {
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported, "Send text/csv, or multipart/form-data with the file in a field named `file`.");
        }

        try
        {
            var file = type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase) ? request.Body : await FileOfAsync(request, type, cancellationToken);
            if (file is null)
            {
                return Problems.Invalid("file", "Send the file in a field named `file`.");
            }

            // A byte order mark is taken off; what is not UTF-8 is said to be so.
            using var text = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true, leaveOpen: true);
            var run = new Run(user, db, change, invitations, normalizer, dryRun, invite);
            return await run.ReadAsync(new CsvReader(text), audit, cancellationToken) is { } refusal ? refusal : TypedResults.Ok(run.Report());
        }
        catch (Exception e) when (e is DecoderFallbackException or InvalidDataException || (e is IOException and not BadHttpRequestException && !cancellationToken.IsCancellationRequested))
        {
            return Problems.BadRequest(ErrorCodes.RequestInvalid, "The file is not UTF-8 text, or it ended early. Rows before that are done; it may be sent again.");
        }
    }

    private static async Task<Stream?> FileOfAsync(HttpRequest request, MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        if (HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return null;
        }

        var reader = new MultipartReader(boundary.ToString(), request.Body);
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (section.AsFileSection() is { Name: "file", FileStream: { } content })
            {
                return content;
            }
        }

        return null;
    }

    private sealed class Run(CurrentUser user, ChatSphereDb db, RightsChange change, Invitations invitations, ILookupNormalizer normalizer, bool dryRun, bool invite)
    {
        private readonly List<ImportFailure> _failed = [];
        private readonly HashSet<string> _seen = [];
        private Dictionary<string, Role> _roles = [];
        private Dictionary<string, Group> _groups = [];
        private int _created;
        private int _updated;
        private int _unchanged;
        private int _failures;

        public ImportUsersResponse Report() => new(_created, _updated, _unchanged, _failures, _failed, dryRun);

        public async Task<ProblemHttpResult?> ReadAsync(CsvReader csv, AuditTrail audit, CancellationToken cancellationToken)
        {
            var header = (await csv.ReadAsync(cancellationToken))?.Fields.Select(f => f.Trim()).ToList() ?? [];
            int Column(string name) => header.FindIndex(h => h.Equals(name, StringComparison.OrdinalIgnoreCase));
            var (email, displayName, roles, groups) = (Column("email"), Column("displayName"), Column("roles"), Column("groups"));
            if (email < 0 || displayName < 0)
            {
                return Problems.Invalid("file", "The first line names the columns: email,displayName and, if wanted, roles,groups.");
            }

            _roles = await db.Roles.AsNoTracking().ToDictionaryAsync(r => r.NormalizedName!, cancellationToken);
            _groups = (await db.Groups.AsNoTracking().ToListAsync(cancellationToken)).ToDictionary(g => g.Name.ToUpperInvariant());
            var rows = 0;
            while (await csv.ReadAsync(cancellationToken) is { } row)
            {
                if (row.Fields is [""])
                {
                    continue;
                }

                if (++rows > MaxRows)
                {
                    return Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"At most {MaxRows} rows in one file; the first {MaxRows} are done.");
                }

                string Field(int column) => column >= 0 && column < row.Fields.Count ? row.Fields[column].Trim() : "";
                var reason = row.IsBroken ? "A quote is not closed, or the row is too long."
                    : row.Fields.Count > header.Count ? "It has more fields than the first line names."
                    : await TakeAsync(Field(email), Field(displayName), Names(Field(roles)), Names(Field(groups)), cancellationToken);
                db.ChangeTracker.Clear();
                if (reason is not null)
                {
                    _failures++;
                    if (_failed.Count < MaxReported)
                    {
                        _failed.Add(new ImportFailure(row.Line, reason));
                    }
                }
            }

            if (!dryRun)
            {
                audit.Record(AuditActions.UsersImported, details: new { created = _created, updated = _updated, failed = _failures });
                await db.SaveChangesAsync(cancellationToken);
            }

            return null;
        }

        /// <summary>Null, or why not.</summary>
        private async Task<string?> TakeAsync(string email, string displayName, string[] roleNames, string[] groupNames, CancellationToken cancellationToken)
        {
            if (!Invitations.IsAddress(email))
            {
                return "It has no valid e-mail address.";
            }

            // What a spreadsheet takes for a formula would run on the machine of whoever exports and opens it.
            if (displayName.Length is 0 or > 64 || TextRules.Problem(displayName) is not null || displayName[0] is '=' or '+' or '-' or '@')
            {
                return "The name is empty, longer than 64, or has characters that a name may not have.";
            }

            if (!_seen.Add(normalizer.NormalizeEmail(email)))
            {
                return "The e-mail is in the file twice.";
            }

            var roles = roleNames.Select(n => (Name: n, Role: _roles.GetValueOrDefault(n.ToUpperInvariant()))).ToList();
            var groups = groupNames.Select(n => (Name: n, Group: _groups.GetValueOrDefault(n.ToUpperInvariant()))).ToList();
            if (roles.Exists(r => r.Role is null) || groups.Exists(g => g.Group is null))
            {
                return "It names a role or group that there is not.";
            }

            if (roles.Count > 0 && !user.Permissions.Contains(Permissions.RolesManage.Name))
            {
                return $"Giving roles needs the permission {Permissions.RolesManage.Name}.";
            }

            if (groups.Count > 0 && !user.Permissions.Contains(Permissions.GroupsManage.Name))
            {
                return $"Putting somebody into groups needs the permission {Permissions.GroupsManage.Name}.";
            }

            await using var transaction = await change.BeginAsync(cancellationToken);
            if (await change.RefuseGrantAsync(user, roles.Select(r => r.Role!), cancellationToken) is { } exceeds)
            {
                return exceeds.ProblemDetails.Detail;
            }

            foreach (var (_, group) in groups)
            {
                if (await change.RefuseMembershipAsync(user, group!.Id, cancellationToken) is { } notTheirs)
                {
                    return notTheirs.ProblemDetails.Detail;
                }
            }

            var normalized = normalizer.NormalizeEmail(email);
            var account = await db.Users.SingleOrDefaultAsync(a => a.NormalizedEmail == normalized, cancellationToken);
            var isNew = account is null;
            var changed = false;
            if (account is null)
            {
                account = invitations.Add(email, displayName, [], "import")!;
                change.Give(account.Id, _roles[BuiltInRoles.Member.ToUpperInvariant()]);
                if (invite && !dryRun)
                {
                    invitations.Send(account);
                }
            }
            else
            {
                if (await change.RefuseActingOnAsync(user, account.Id, cancellationToken) is { } above)
                {
                    return above.ProblemDetails.Detail;
                }

                changed = account.DisplayName != displayName;
                account.DisplayName = displayName;
            }

            var had = isNew ? [Role.MemberId] : await db.UserRoles.Where(r => r.UserId == account.Id).Select(r => r.RoleId).ToListAsync(cancellationToken);
            foreach (var (_, role) in roles.Where(r => !had.Contains(r.Role!.Id)))
            {
                change.Give(account.Id, role!);
                changed = true;
            }

            foreach (var (_, group) in groups)
            {
                changed |= await change.JoinAsync(group!, account.Id, cancellationToken);
            }

            if (!dryRun)
            {
                try
                {
                    if (await change.CommitAsync(transaction, cancellationToken) is { } locked)
                    {
                        return locked.ProblemDetails.Detail;
                    }
                }
                catch (DbUpdateException e) when (RoleRules.IsTaken(e))
                {
                    return "The e-mail was taken at the same moment; send the file again.";
                }
            }

            _ = isNew ? _created++ : changed ? _updated++ : _unchanged++;
            return null;
        }

        private static string[] Names(string field) => [.. field.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
