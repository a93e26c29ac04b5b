using System.Security.Cryptography;
using System.Text;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Files;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Notifications;
using ChatSphere.Data.Privacy;
using ChatSphere.Data.Secrets;
using ChatSphere.Tests.Knowledge;
using ChatSphere.Worker.Modules.Encryption;
using ChatSphere.Worker.Modules.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Tests.Encryption;

/// <summary>A deployment's data through the life of its keys: each process is configured otherwise, on one database and one storage folder.</summary>
public sealed class RotatingKeysTests(KnowledgeDatabase database) : IAsyncLifetime
{
    private const string A = "the first encryption key, of more than 32 characters";
    private const string B = "the second encryption key, of more than 32 characters";
    private const string Written = "quokkatango";
    private static readonly byte[] SigningKey = RandomNumberGenerator.GetBytes(100);
    private string _name = "";
    private readonly string _storage = Directory.CreateTempSubdirectory("chatsphere-keys-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _name = await database.NewDatabaseAsync();

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_storage, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_was_written_opens_through_sealing_rotation_and_back_and_a_lost_key_is_named()
    {
        var bot = await BotAsync();

        // As deployments are today: one key, content plain.
        Guid plainDocument, conversation;
        using (var today = await ProcessAsync(("Key", A)))
        {
            plainDocument = await IngestAsync(today, bot, "old.txt", $"The {Written} dances at the old pier every Sunday.");
            conversation = await TalkAsync(today, bot, plainDocument);
            await SecretsAsync(today);
            Assert.True(await DatabaseHoldsAsync(Written));
            Assert.True(FilesHold(Written));
            await OpensAsync(today, bot, conversation, plainDocument);
        }

        // Another key, and content sealed: old and new are read beside each other.
        using (var on = await ProcessAsync(("Key", A), ("Keys:b", B), ("ActiveKey", "b"), ("Content", "true")))
        {
            var sealedDocument = await IngestAsync(on, bot, "new.txt", $"A second {Written} sings in the lighthouse on Mondays.");
            var pdf = await IngestAsync(on, bot, "new.pdf", PdfFile.Write([[$"The third {Written} keeps the harbour ledger.", "It counts ropes, barrels and lanterns."]]));
            await OpensAsync(on, bot, conversation, plainDocument);
            Assert.Equal(sealedDocument, (await SearchAsync(on, bot, "who sings in the lighthouse"))[0].DocumentId);
            Assert.Equal(pdf, (await SearchAsync(on, bot, "harbour ledger"))[0].DocumentId);
            var work = on.Services.GetRequiredService<Reencryption>();
            Assert.True(await work.IsDueAsync(Token));
            Assert.True((await work.CountAsync(Token)).Sum(l => l.Count) > 8);
            Assert.True(await work.RunAsync(Token));
            Assert.Equal(0, (await work.CountAsync(Token)).Sum(l => l.Count));
            Assert.False(await work.IsDueAsync(Token));
            await RefreshAsync(on, bot);
            Assert.False(await DatabaseHoldsAsync(Written));
            Assert.False(FilesHold(Written));
            await OpensAsync(on, bot, conversation, plainDocument);
            Assert.Equal(pdf, (await SearchAsync(on, bot, "harbour ledger"))[0].DocumentId);
        }

        // The old key is gone for good, and nobody misses it.
        using (var later = await ProcessAsync(("Keys:b", B), ("Content", "true")))
        {
            await OpensAsync(later, bot, conversation, plainDocument);
            await using var scope = later.Services.CreateAsyncScope();
            Assert.Equal(["b"], await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().EncryptionKeysInUse.Select(k => k.Id).ToListAsync(Token));
        }

        // A lost key, and a wrong one, are told at the start.
        var lost = await Assert.ThrowsAsync<MissingEncryptionKeyException>(() => ProcessAsync(("Keys:c", A), ("Content", "true")));
        Assert.Contains("Encryption:Keys:b", lost.Message, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<InvalidOperationException>(() => ProcessAsync(("Keys:b", A)));
        Assert.Contains("Encryption:Keys:b is not the key this database was written with", wrong.Message, StringComparison.Ordinal);

        // Back to plain. What could not start has left nothing behind.
        using var off = await ProcessAsync(("Keys:b", B));
        await OpensAsync(off, bot, conversation, plainDocument);
        var back = off.Services.GetRequiredService<Reencryption>();
        Assert.True(await back.RunAsync(Token));
        Assert.True(await DatabaseHoldsAsync(Written));
        Assert.True(FilesHold(Written));
        await RefreshAsync(off, bot);
        using var plain = await ProcessAsync(("Keys:b", B));
        Assert.Empty(plain.Services.GetRequiredService<ContentSeal>().WordKeys);
        await OpensAsync(plain, bot, conversation, plainDocument);
        Assert.Equal(plainDocument, (await SearchAsync(plain, bot, "who dances at the old peir"))[0].DocumentId);
    }

    [Fact]
    public async Task Exports_and_what_is_kept_for_links_and_mails_open_after_the_old_key_is_gone()
    {
        var content = RandomNumberGenerator.GetBytes(200_000);
        var account = Account.Create($"{Guid.NewGuid():n}@example.com", "Ann", DateTimeOffset.UtcNow);
        account.NormalizedEmail = account.NormalizedUserName = account.Email!.ToUpperInvariant();
        var export = DataExport.Request(account.Id, account.Id, DateTimeOffset.UtcNow);
        var (cancel, hash) = Erasure.NewCancelToken(Guid.CreateVersion7());
        using (var today = await ProcessAsync(("Key", A)))
        {
            var box = today.Services.GetRequiredService<SecretBox>();
            await SaveAsync(
                today, account, export,
                new Erasure
                {
                    Id = Guid.CreateVersion7(), AccountId = account.Id, RequestedBy = account.Id, RequestedAt = DateTimeOffset.UtcNow, DueAt = DateTimeOffset.UtcNow.AddDays(7), CancelHash = hash,
                    SealedAddress = box.Protect(ErasureQueries.AddressPurpose, "ann@example.com"u8),
                },
                new OneTimeToken
                {
                    Id = Guid.CreateVersion7(), Purpose = "test", AccountId = account.Id, SecretHash = [1], CreatedAt = DateTimeOffset.UtcNow, ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
                    SealedState = box.Protect(SealedColumns.OneTimeTokens.Purpose, "a state"u8),
                });
            today.Services.GetRequiredService<ExportFiles>().Publish(export.Id, await WriteExportAsync(today, export.Id, content));

            // What a deletion that died half-way has left: nobody's.
            today.Services.GetRequiredService<ExportFiles>().Publish(Guid.Empty, await WriteExportAsync(today, Guid.Empty, content));
        }

        using (var changing = await ProcessAsync(("Key", A), ("Keys:b", B), ("ActiveKey", "b")))
        {
            var work = changing.Services.GetRequiredService<Reencryption>();
            var left = (await work.CountAsync(Token)).ToDictionary(l => l.What, l => l.Count);
            Assert.Equal((2, 1, 1), (left["exports"], left["privacy.erasures.sealed_address"], left["accounts.one_time_tokens.sealed_state"]));
            Assert.True(await work.RunAsync(Token));
            Assert.Equal(0, (await work.CountAsync(Token)).Sum(l => l.Count));
        }

        using var later = await ProcessAsync(("Keys:b", B));
        await using (var file = (await later.Services.GetRequiredService<ExportFiles>().OpenAsync(export.Id, Token))!)
        {
            using var read = new MemoryStream();
            await file.CopyToAsync(read, Token);
            Assert.Equal(content, read.ToArray());
        }

        Assert.Null(await later.Services.GetRequiredService<ExportFiles>().OpenAsync(Guid.Empty, Token));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_storage, "exports")));
        await using var scope = later.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var opening = later.Services.GetRequiredService<SecretBox>();
        var erasure = await db.Erasures.AsNoTracking().SingleAsync(Token);
        Assert.Equal("ann@example.com"u8.ToArray(), opening.Unprotect(ErasureQueries.AddressPurpose, erasure.SealedAddress!));
        Assert.True(Erasure.TryReadCancelToken(cancel, out _, out var kept) && kept.SequenceEqual(erasure.CancelHash!));
        Assert.Equal("a state"u8.ToArray(), opening.Unprotect(SealedColumns.OneTimeTokens.Purpose, (await db.OneTimeTokens.AsNoTracking().SingleAsync(Token)).SealedState!));
    }

    [Fact]
    public async Task A_database_from_before_there_were_key_ids_does_not_take_a_wrong_key_for_the_right_one()
    {
        using (var before = await database.ProcessAsync(b => Configure(b, [("Key", A)]), _name))
        {
            await SecretsAsync(before);
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => ProcessAsync(("Key", B)));
        using var right = await ProcessAsync(("Key", A));
        Assert.Equal(SigningKey, await SigningKeyAsync(right));
    }

    [Fact]
    public async Task What_somebody_changes_while_it_is_re_encrypted_stays_as_they_left_it()
    {
        var bot = await BotAsync();
        using var today = await ProcessAsync(("Key", A));
        var document = await IngestAsync(today, bot, "old.txt", "Something to cite.");
        var conversations = new List<Guid>();
        for (var i = 0; i < 30; i++)
        {
            conversations.Add(await TalkAsync(today, bot, document));
        }

        using var on = await ProcessAsync(("Key", A), ("Keys:b", B), ("ActiveKey", "b"), ("Content", "true"));
        var renaming = Task.WhenAll(conversations.Select(async id =>
        {
            for (var i = 0; i < 20; i++)
            {
                await using var scope = on.Services.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Conversations.Where(c => c.Id == id).ExecuteUpdateAsync(c => c.SetProperty(x => x.Title, $"Title {i}"), Token);
            }
        }));
        await on.Services.GetRequiredService<Reencryption>().RunAsync(Token);
        await renaming;
        await using var look = on.Services.CreateAsyncScope();
        Assert.All(await look.ServiceProvider.GetRequiredService<ChatSphereDb>().Conversations.Where(c => conversations.Contains(c.Id)).Select(c => c.Title).ToListAsync(Token), t => Assert.Equal("Title 19", t));
    }

    [Fact]
    public async Task A_large_file_is_sealed_in_segments_read_from_anywhere_and_any_change_is_noticed()
    {
        using var on = await ProcessAsync(("Key", A), ("Content", "true"));
        var blobs = on.Services.GetRequiredService<BlobStore>();
        foreach (var size in (int[])[0, 1, 65_535, 65_536, 65_537, 300_000])
        {
            var bytes = RandomNumberGenerator.GetBytes(size);
            var blob = await blobs.WriteAsync(new MemoryStream(bytes), long.MaxValue, Token);
            Assert.Equal((Convert.ToHexStringLower(SHA256.HashData(bytes)), (long)size), (blob.Sha256, blob.Size));
            await using (var read = blobs.OpenRead(blob.Sha256))
            {
                Assert.Equal(size, read.Length);
                using var all = new MemoryStream();
                await read.CopyToAsync(all, Token);
                Assert.Equal(bytes, all.ToArray());
                if (size > 65_540)
                {
                    var part = new byte[20];
                    read.Position = 65_530;
                    read.ReadExactly(part);
                    Assert.Equal(bytes[65_530..65_550], part);
                }
            }

            var path = Directory.EnumerateFiles(_storage, blob.Sha256 + "*", SearchOption.AllDirectories).Single();
            var stored = await File.ReadAllBytesAsync(path, Token);
            await DoesNotOpenAsync(stored[..^1]);
            await DoesNotOpenAsync([.. stored[..^1], (byte)(stored[^1] ^ 1)]);
            if (size == 300_000)
            {
                // Cut between two segments, and two segments exchanged.
                var header = stored.Length - size - (5 * 16);
                await DoesNotOpenAsync(stored[..(header + (2 * 65_552))]);
                await DoesNotOpenAsync([.. stored[..header], .. stored[(header + 65_552)..(header + (2 * 65_552))], .. stored[header..(header + 65_552)], .. stored[(header + (2 * 65_552))..]]);
            }

            async Task DoesNotOpenAsync(byte[] damaged)
            {
                await File.WriteAllBytesAsync(path, damaged, Token);
                await Assert.ThrowsAnyAsync<CryptographicException>(async () =>
                {
                    await using var read = blobs.OpenRead(blob.Sha256);
                    await read.CopyToAsync(Stream.Null, Token);
                });
            }
        }
    }

    private static async Task<string> WriteExportAsync(IHost host, Guid id, byte[] content)
    {
        var (file, path) = await host.Services.GetRequiredService<ExportFiles>().CreateAsync(id, Token);
        await using (file)
        {
            await file.WriteAsync(content, Token);
            await file.CompleteAsync(Token);
        }

        return path;
    }

    private async Task<IHost> ProcessAsync(params (string Key, string Value)[] settings)
    {
        var host = await database.ProcessAsync(b => Configure(b, settings), _name);
        try
        {
            await EncryptionCheck.EnsureKeysAsync(host.Services, Token);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private void Configure(HostApplicationBuilder builder, (string Key, string Value)[] settings)
    {
        builder.Configuration.AddInMemoryCollection([new("Storage:Path", _storage), .. settings.Select(s => KeyValuePair.Create("Encryption:" + s.Key, (string?)s.Value))]);
        builder.AddSecretBox();
        builder.AddReencryption(inBackground: false);
    }

    private static Task<Guid> IngestAsync(IHost host, Bot bot, string name, string text) => IngestAsync(host, bot, name, Encoding.UTF8.GetBytes(text));

    private static async Task<Guid> IngestAsync(IHost host, Bot bot, string name, byte[] bytes)
    {
        var blob = await host.Services.GetRequiredService<BlobStore>().WriteAsync(new MemoryStream(bytes), long.MaxValue, Token);
        var document = Document.Queue(bot.Id, bot.OwnerId, name, blob.Sha256, blob.Size, DateTimeOffset.UtcNow);
        await SaveAsync(host, document);
        Assert.Equal(IngestResult.Done, await host.Services.GetRequiredService<DocumentIngestor>().IngestAsync(document.Id, Token));
        await RefreshAsync(host, bot);
        return document.Id;
    }

    private static async Task<Guid> TalkAsync(IHost host, Bot bot, Guid document)
    {
        var conversation = Conversation.Start(bot.OwnerId, bot.Id, null, DateTimeOffset.UtcNow);
        var asked = conversation.Ask($"When does the {Written} dance?", null, null, "node", DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1))!.Value;
        asked.Answer.State = MessageState.Complete;
        asked.Answer.Text = $"The {Written} dances on Sundays [1].";
        asked.Answer.Citations = [new Citation { Number = 1, DocumentId = document, DocumentName = "old.txt", Start = 0, End = 5, Heading = $"On {Written}", Quote = $"The {Written} dances" }];
        await SaveAsync(host, conversation, asked.Turn, asked.Question, asked.Answer);
        return conversation.Id;
    }

    private static async Task SecretsAsync(IHost host)
    {
        var now = DateTimeOffset.UtcNow;
        await SaveAsync(host, new SigningKey
        {
            Id = Guid.NewGuid().ToString("n"),
            ProtectedPrivateKey = host.Services.GetRequiredService<SecretBox>().Protect(SealedColumns.SigningKeys.Purpose, SigningKey),
            CreatedAt = now,
            SignsUntil = now,
            TrustedUntil = now,
        });
        await using var scope = host.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<MailOutbox>().Queue(null, "somebody@example.com", MailKinds.ConfirmEmail, new() { ["link"] = Written });
        await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().SaveChangesAsync(Token);
        await host.Services.GetRequiredService<PurgeJournal>().AppendAsync(PurgeKind.Erased, Guid.NewGuid(), Token);
    }

    private static async Task<byte[]> SigningKeyAsync(IHost host)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var stored = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().SigningKeys.AsNoTracking().SingleAsync(Token);
        return host.Services.GetRequiredService<SecretBox>().Unprotect(SealedColumns.SigningKeys.Purpose, stored.ProtectedPrivateKey);
    }

    /// <summary>Everything that was written at the beginning, as the programs read it.</summary>
    private static async Task OpensAsync(IHost host, Bot bot, Guid conversation, Guid document)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var messages = await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversation).OrderBy(m => m.Seq).ToListAsync(Token);
        Assert.Equal([$"When does the {Written} dance?", $"The {Written} dances on Sundays [1]."], messages.Select(m => m.Text));
        Assert.Equal(($"On {Written}", $"The {Written} dances"), (messages[1].Citations[0].Heading, messages[1].Citations[0].Quote));
        Assert.Equal($"When does the {Written} dance?", await db.Conversations.Where(c => c.Id == conversation).Select(c => c.Title).SingleAsync(Token));
        Assert.Equal($"The {Written} dances at the old pier every Sunday.", string.Concat(await db.DocumentPages.Where(p => p.DocumentId == document).OrderBy(p => p.Number).Select(p => p.Text).ToListAsync(Token)).Trim());
        var sha256 = await db.Documents.Where(d => d.Id == document).Select(d => d.Sha256).SingleAsync(Token);
        using var reader = new StreamReader(host.Services.GetRequiredService<BlobStore>().OpenRead(sha256));
        Assert.Contains(Written, await reader.ReadToEndAsync(Token), StringComparison.Ordinal);
        var found = await SearchAsync(host, bot, $"when does the {Written} dance at the pier");
        Assert.Equal(document, found[0].DocumentId);
        Assert.Contains($"The {Written} dances at the old pier", found[0].Text, StringComparison.Ordinal);
        Assert.Equal(SigningKey, await SigningKeyAsync(host));
        Assert.Equal(Written, scope.ServiceProvider.GetRequiredService<MailOutbox>().Open(await db.OutgoingMails.SingleAsync(Token)).Values["link"]);
        Assert.All(await host.Services.GetRequiredService<PurgeJournal>().ReadAsync(Token).ToListAsync(Token), l => Assert.True(l.IsOurs));
    }

    private static async Task<IReadOnlyList<RetrievedPassage>> SearchAsync(IHost host, Bot bot, string query) =>
        await host.Services.GetRequiredService<KnowledgeRetriever>().SearchAsync(bot.KnowledgeScope(), query, 5, Token);

    private static async Task RefreshAsync(IHost host, Bot bot) => await host.Services.GetRequiredService<RefreshStatistics>().RefreshAsync(bot.Id, Token);

    private static async Task SaveAsync(IHost host, params object[] entities)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        db.AddRange(entities);
        await db.SaveChangesAsync(Token);
    }

    private async Task<Bot> BotAsync()
    {
        using var host = await database.ProcessAsync(null, _name);
        var bot = Bot.Create(Guid.CreateVersion7(), "Librarian", "", null, null, DateTimeOffset.UtcNow);
        await SaveAsync(host, bot);
        return bot;
    }

    private async Task<bool> DatabaseHoldsAsync(string text)
    {
        using var host = await database.ProcessAsync(null, _name);
        return (await StoredText.TablesWithAsync(host.Services.GetRequiredService<Npgsql.NpgsqlDataSource>(), text)).Count > 0;
    }

    private bool FilesHold(string text) => StoredText.FilesWith(_storage, text).Count > 0;
}

/// <summary>Looks for a text in everything that a database and a folder hold, past all that would open it.</summary>
internal static class StoredText
{
    public static async Task<IReadOnlyList<string>> TablesWithAsync(Npgsql.NpgsqlDataSource database, string text)
    {
        var tables = new List<string>();
        await using (var list = database.CreateCommand("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        var found = new List<string>();
        foreach (var table in tables)
        {
            // Rows as text; bytes are shown in hex there.
            await using var look = database.CreateCommand($"select count(*) from {table} t where t::text ilike '%' || $1 || '%' or t::text ilike '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%'");
            look.Parameters.Add(new() { Value = text });
            if ((long)(await look.ExecuteScalarAsync())! > 0)
            {
                found.Add(table);
            }
        }

        return found;
    }

    public static IReadOnlyList<string> FilesWith(string folder, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => File.ReadAllBytes(f).AsSpan().IndexOf(bytes) >= 0)];
    }
}
