using System.Globalization;
using System.Text;
using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Audit;

internal static class ExportAuditEvents
{
    private static readonly string[] Columns =
        ["seq", "id", "at", "actor_kind", "actor_id", "credential_id", "network", "action", "target_kind", "target_id", "reason", "details", "previous_hash", "hash"];

    /// <param name="format"><c>jsonl</c> or <c>csv</c>.</param>
    public static async Task<IResult> HandleAsync(
        [AsParameters] AuditFilter filter, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken, string format = "jsonl")
    {
        if (format is not ("jsonl" or "csv"))
        {
            return Problems.Invalid("format", "Ask for jsonl or csv.");
        }

        if (filter.Problem() is { } refusal)
        {
            return refusal;
        }

        // Written down before the first byte leaves: who broke it off has it too.
        audit.Record(AuditActions.AuditExported, details: new
        {
            format, filter.ActorId, filter.TargetId, filter.Action, filter.From, filter.To, withReason = filter.Reason is not null,
        });
        await db.SaveChangesAsync(cancellationToken);
        return new Export(filter, db, format == "csv", time.GetUtcNow());
    }

    private sealed class Export(AuditFilter filter, ChatSphereDb db, bool csv, DateTimeOffset now) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var (response, aborted) = (httpContext.Response, httpContext.RequestAborted);
            response.ContentType = csv ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8";
            response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"audit-{now:yyyyMMdd-HHmmss}.{(csv ? "csv" : "jsonl")}\"");

            // A file of any length takes as long as it takes.
            db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
            await using var writer = new StreamWriter(response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 32_768, leaveOpen: true);
            if (csv)
            {
                await writer.WriteAsync(string.Join(',', Columns) + "\r\n");
            }

            var rows = filter.Apply(db.AuditEvents.AsNoTracking()).OrderBy(e => e.Id)
                .Select(e => new { Event = e, Link = db.AuditLinks.Where(l => l.EventId == e.Id).Select(l => new { l.Seq, l.PreviousHash, l.Hash }).SingleOrDefault() });
            await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(aborted))
            {
                var e = row.Event;
                string?[] values =
                [
                    row.Link?.Seq.ToString(CultureInfo.InvariantCulture), e.Id.ToString(), CanonicalEvent.Time(e.At), e.ActorKind.ToString(), e.ActorId?.ToString(), e.CredentialId?.ToString(), e.Network,
                    e.Action, e.TargetKind, e.TargetId?.ToString(), e.Reason, e.Details,
                    row.Link is null ? null : Convert.ToHexStringLower(row.Link.PreviousHash), row.Link is null ? null : Convert.ToHexStringLower(row.Link.Hash),
                ];
                await writer.WriteAsync(csv ? string.Join(',', values.Select(CsvCell.Of)) + "\r\n" : Line(values) + "\n");
            }

            await writer.FlushAsync(aborted);
        }
    }

    /// <summary>All texts but the number, and the details as the text that they are stored as: what is hashed is the text.</summary>
    private static string Line(string?[] values) => JsonSerializer.Serialize(Columns.Zip(values).ToDictionary(c => c.First, c => (object?)(c.First == "seq" && c.Second is { } seq ? long.Parse(seq, CultureInfo.InvariantCulture) : c.Second)));
}
