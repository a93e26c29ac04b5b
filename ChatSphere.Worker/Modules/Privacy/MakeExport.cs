using System.IO.Compression;
using ChatSphere.Data;
using ChatSphere.Data.Notifications;
using ChatSphere.Data.Privacy;
using ChatSphere.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Worker.Modules.Privacy;

/// <summary>
/// Puts everything that an account has into a ZIP file. A killed Worker's export is made anew from the start, into a file of its own; the row decides whose file counts, and
/// one whose row has gone meanwhile (deleted, or the account erased) stops and leaves nothing.
/// </summary>
[Handler(LongRunning = true, Concurrency = 2)]
public sealed class MakeExport(
    ChatSphereDb db, IEnumerable<IPersonalData> modules, ExportFiles files, MailOutbox mails, IOptions<SiteOptions> site, IOptions<PrivacyOptions> options, TimeProvider time) : IHandle<DataExportRequested>
{
    public async Task HandleAsync(DataExportRequested happened, CancellationToken cancellationToken)
    {
        var id = happened.ExportId;
        if (!await ProgressAsync(id, 0, cancellationToken))
        {
            return;
        }

        var export = await db.DataExports.AsNoTracking().SingleAsync(e => e.Id == id, cancellationToken);
        var (file, path) = await files.CreateAsync(id, cancellationToken);
        try
        {
            long? size;
            await using (file)
            {
                size = await WriteAsync(export, file, cancellationToken);
            }

            if (size is not null)
            {
                await FinishAsync(export, path, size.Value, cancellationToken);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Null when it is not wanted any more.</summary>
    private async Task<long?> WriteAsync(DataExport export, SealedStream file, CancellationToken cancellationToken)
    {
        var all = modules.ToList();
        await using (var zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken))
        {
            var archive = new ExportArchive(zip);
            for (var i = 0; i < all.Count; i++)
            {
                await all[i].ExportAsync(export.AccountId, archive.Section(all[i].Section), cancellationToken);
                if (!await ProgressAsync(export.Id, (i + 1) * 99 / all.Count, cancellationToken))
                {
                    return null;
                }
            }

            await archive.CompleteAsync(time.GetUtcNow(), cancellationToken);
        }

        await file.CompleteAsync(cancellationToken);
        return file.Written;
    }

    private async Task FinishAsync(DataExport export, string path, long size, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (await db.DataExports.Where(e => e.Id == export.Id && e.State == ExportState.Running).ExecuteUpdateAsync(
            e => e.SetProperty(x => x.State, ExportState.Ready).SetProperty(x => x.Percent, 100).SetProperty(x => x.Size, size).SetProperty(x => x.ReadyAt, now)
                .SetProperty(x => x.ExpiresAt, now + options.Value.ExportLifetime), cancellationToken) != 1)
        {
            return;
        }

        // Under the row's lock: who deletes the row now waits, and then finds the file to delete.
        files.Publish(export.Id, path);
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(a => a.Id == export.RequestedBy, cancellationToken) is { Email: { } address } recipient)
        {
            var page = export.RequestedBy == export.AccountId ? "/settings/privacy" : "/admin/privacy";
            mails.Queue(recipient.Id, address, MailKinds.ExportReady, new() { ["name"] = recipient.DisplayName, ["link"] = site.Value.At(page).ToString() });
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>False when the export is gone or at its end.</summary>
    private async Task<bool> ProgressAsync(Guid id, int percent, CancellationToken cancellationToken) =>
        await db.DataExports.Where(e => e.Id == id && (e.State == ExportState.Queued || e.State == ExportState.Running)).ExecuteUpdateAsync(
            e => e.SetProperty(x => x.State, ExportState.Running).SetProperty(x => x.Percent, percent), cancellationToken) == 1;
}
