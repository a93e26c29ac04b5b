using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChatSphere.Data.Privacy;
using ChatSphere.Data.Secrets;
using ChatSphere.Tests.Knowledge;
using ChatSphere.Worker.Modules.Privacy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Tests.Privacy;

public sealed class MakingExportsTests(KnowledgeDatabase database)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_holds_what_is_the_persons_and_nothing_of_anybody_elses()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var ann = await worker.AccountAsync();
        var bea = await worker.AccountAsync();
        var annsBot = await worker.BotAsync(ann);
        var beasBot = await worker.BotAsync(bea, "Secretive of Bea");
        await worker.ConversationAsync(ann, annsBot, "Ann wrote this: ünïcödé 🐘");
        await worker.ConversationAsync(bea, annsBot, "Bea wrote this to Ann's bot");
        await worker.ConversationAsync(bea, beasBot, "Bea wrote this to her own");
        await worker.SaveAsync(db => db.AuditEvents.Add(new()
        {
            Id = Guid.CreateVersion7(), At = DateTimeOffset.UtcNow, ActorKind = Data.Audit.ActorKind.Person, ActorId = bea.Id, Action = "bea.did", TargetKind = "account", TargetId = ann.Id, Reason = "Bea has reasons",
        }));

        var files = await UnpackAsync(worker, await MadeAsync(worker, ann.Id));
        var everything = string.Join('\n', files.Values.Select(Encoding.UTF8.GetString));
        Assert.Contains("Ann wrote this: ünïcödé", everything, StringComparison.Ordinal);
        Assert.Contains(ann.Email!, everything, StringComparison.Ordinal);
        Assert.DoesNotContain("Bea", everything, StringComparison.Ordinal);
        Assert.DoesNotContain(bea.Email!, everything, StringComparison.Ordinal);
        Assert.DoesNotContain("a hash", everything, StringComparison.Ordinal);
        Assert.Equal("Ann's helper", (string?)JsonNode.Parse(files["bots/bots.json"])![0]!["name"]);
        Assert.Equal(2, JsonNode.Parse(files["conversations/messages.json"])!.AsArray().Count);
        Assert.Contains("conversations/messages.json: 2", Encoding.UTF8.GetString(files["README.txt"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delivered_twice_it_is_one_export_and_a_killed_attempt_leaves_nothing_behind()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var ann = await worker.AccountAsync();
        var id = await RequestedAsync(worker, ann.Id);
        var killed = await worker.Get<ExportFiles>().CreateAsync(id, Token);
        await killed.File.DisposeAsync();
        await MakeAsync(worker, id);
        await MakeAsync(worker, id);
        Assert.Equal(1, await worker.AskAsync(db => db.OutgoingMails.CountAsync(m => m.AccountId == ann.Id && m.Kind == "export_ready", Token)));
        worker.Get<ExportFiles>().Delete(id);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(worker.Storage, "exports"), $"{id:n}*"));
    }

    [Fact]
    public async Task One_is_made_at_a_time()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var ann = await worker.AccountAsync();
        var first = await RequestedAsync(worker, ann.Id);
        await Assert.ThrowsAsync<DbUpdateException>(() => RequestedAsync(worker, ann.Id));
        await MakeAsync(worker, first);
        await RequestedAsync(worker, ann.Id);
    }

    [Fact]
    public async Task Who_is_erased_while_it_is_made_leaves_no_export()
    {
        // The account is erased from within, between two sections of its export.
        Func<Task>? meanwhile = null;
        using var worker = await PrivacyWorker.StartAsync(database, builder => builder.Services.AddScoped<IPersonalData>(_ => new Interlude(() => meanwhile?.Invoke() ?? Task.CompletedTask)));
        var ann = await worker.AccountAsync();
        var erasure = await worker.ErasureAsync(ann);
        meanwhile = async () =>
        {
            meanwhile = null;
            Assert.True(await worker.Get<EraseDueAccounts>().EraseAsync(erasure, Token));
        };
        var id = await RequestedAsync(worker, ann.Id);
        await MakeAsync(worker, id);
        Assert.Null(meanwhile);
        Assert.Equal(0, await worker.AskAsync(db => db.DataExports.CountAsync(e => e.AccountId == ann.Id, Token)));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(worker.Storage, "exports"), $"{id:n}*"));
    }

    [Fact]
    public async Task Expired_ones_are_deleted_with_their_files_and_stuck_ones_are_given_up()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var ann = await worker.AccountAsync();
        var id = await MadeAsync(worker, ann.Id);
        var stuck = await RequestedAsync(worker, ann.Id);
        var past = DateTimeOffset.UtcNow.AddDays(-2);
        await worker.AskAsync(async db => await db.DataExports.Where(e => e.Id == id).ExecuteUpdateAsync(e => e.SetProperty(x => x.ExpiresAt, past), Token)
            + await db.DataExports.Where(e => e.Id == stuck).ExecuteUpdateAsync(e => e.SetProperty(x => x.CreatedAt, past), Token));
        await worker.Get<ApplyRetention>().SweepAsync(Token);
        Assert.Equal([ExportState.Failed], await worker.AskAsync(db => db.DataExports.Where(e => e.AccountId == ann.Id).Select(e => e.State).ToListAsync(Token)));
        Assert.Null(await worker.Get<ExportFiles>().OpenAsync(id, Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    public async Task A_sealed_file_comes_back_whole_or_not_at_all(int size)
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var secrets = worker.Get<SecretBox>();
        var content = RandomNumberGenerator.GetBytes(size);
        using var file = new MemoryStream();
        var writer = await SealedStream.CreateAsync(file, secrets, Token);
        await writer.WriteAsync(content, Token);
        await writer.CompleteAsync(Token);
        var stored = file.ToArray();
        Assert.Equal(content, await ReadAsync(stored));

        // Changed, cut off by one byte, cut off after a piece.
        foreach (var position in new[] { 0, stored.Length / 2, stored.Length - 1 })
        {
            var changed = stored.ToArray();
            changed[position] ^= 1;
            await Assert.ThrowsAnyAsync<CryptographicException>(() => ReadAsync(changed));
        }

        await Assert.ThrowsAnyAsync<CryptographicException>(() => ReadAsync(stored[..^1]));
        if (size > 65_536)
        {
            var head = 6 + ((stored[4] << 8) | stored[5]);
            await Assert.ThrowsAnyAsync<CryptographicException>(() => ReadAsync(stored[..(head + 4 + 16 + 65_536)]));
        }

        async Task<byte[]> ReadAsync(byte[] bytes)
        {
            await using var reader = await SealedStream.OpenAsync(new MemoryStream(bytes), secrets, Token);
            using var plain = new MemoryStream();
            await reader.CopyToAsync(plain, Token);
            return plain.ToArray();
        }
    }

    private static async Task<Guid> RequestedAsync(PrivacyWorker worker, Guid accountId)
    {
        var export = DataExport.Request(accountId, accountId, DateTimeOffset.UtcNow);
        await worker.SaveAsync(db => db.DataExports.Add(export));
        return export.Id;
    }

    private static Task MakeAsync(PrivacyWorker worker, Guid id) => worker.RunAsync<MakeExport>(handler => handler.HandleAsync(new DataExportRequested(id), Token));

    private static async Task<Guid> MadeAsync(PrivacyWorker worker, Guid accountId)
    {
        var id = await RequestedAsync(worker, accountId);
        await MakeAsync(worker, id);
        return id;
    }

    private static async Task<Dictionary<string, byte[]>> UnpackAsync(PrivacyWorker worker, Guid id)
    {
        await using var file = (await worker.Get<ExportFiles>().OpenAsync(id, Token))!;
        using var plain = new MemoryStream();
        await file.CopyToAsync(plain, Token);
        Assert.Equal(await worker.AskAsync(db => db.DataExports.Where(e => e.Id == id).Select(e => e.Size).SingleAsync(Token)), plain.Length);
        using var zip = new ZipArchive(plain);
        var entries = new Dictionary<string, byte[]>();
        foreach (var entry in zip.Entries)
        {
            await using var content = await entry.OpenAsync(Token);
            using var bytes = new MemoryStream();
            await content.CopyToAsync(bytes, Token);
            entries.Add(entry.FullName, bytes.ToArray());
        }

        return entries;
    }

    private sealed class Interlude(Func<Task> play) : IPersonalData
    {
        public string Section => "interlude";

        public IReadOnlyList<Type> Owns => [];

        public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) => play();

        public Task EraseAsync(Guid accountId, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
