using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Files;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Messaging;
using ChatSphere.Data.Privacy;
using ChatSphere.Data.Sharing;
using ChatSphere.Tests.Knowledge;
using ChatSphere.Worker.Modules.Knowledge;
using ChatSphere.Worker.Modules.Privacy;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Tests.Privacy;

public sealed class ErasingAccountsTests(KnowledgeDatabase database)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_somebody_had_is_gone_and_a_tombstone_says_nothing()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var ann = await worker.AccountAsync();
        var bea = await worker.AccountAsync();
        var bot = await worker.BotAsync(ann);
        var hers = await worker.ConversationAsync(ann, bot, "Ann asks");
        var others = await worker.ConversationAsync(bea, bot, "Bea asks");
        await worker.SaveAsync(db => db.OwnRetentions.Add(new OwnRetention { AccountId = ann.Id, DeleteConversationsAfterDays = 30 }));
        var erasure = await worker.ErasureAsync(ann);

        Assert.True(await worker.Get<EraseDueAccounts>().EraseAsync(erasure, Token));

        var left = await worker.AskAsync(db => db.Users.AsNoTracking().SingleAsync(a => a.Id == ann.Id, Token));
        Assert.Equal("Deleted user", left.DisplayName);
        Assert.All(new[] { left.Email, left.NormalizedEmail, left.UserName, left.NormalizedUserName, left.PasswordHash }, Assert.Null);
        Assert.NotNull(left.DisabledAt);
        Assert.NotNull(left.ErasedAt);
        Assert.Equal(0, await worker.AskAsync(async db =>
            await db.Sessions.CountAsync(s => s.AccountId == ann.Id, Token) + await db.ApiKeys.CountAsync(k => k.AccountId == ann.Id, Token)
            + await db.UserRoles.CountAsync(r => r.UserId == ann.Id, Token) + await db.UserClaims.CountAsync(c => c.UserId == ann.Id, Token)
            + await db.UserLogins.CountAsync(l => l.UserId == ann.Id, Token) + await db.OwnRetentions.CountAsync(r => r.AccountId == ann.Id, Token)
            + await db.Conversations.CountAsync(c => c.OwnerId == ann.Id, Token) + await db.Messages.CountAsync(m => m.ConversationId == hers.Id, Token)
            + await db.Turns.CountAsync(t => t.OwnerId == ann.Id, Token)));

        // What Bea said to the bot is Bea's.
        Assert.Equal(2, await worker.AskAsync(db => db.Messages.CountAsync(m => m.ConversationId == others.Id, Token)));
        var gone = await worker.AskAsync(db => db.Bots.AsNoTracking().SingleAsync(b => b.Id == bot.Id, Token));
        Assert.Equal(("Deleted bot", ""), (gone.Name, gone.Instructions));
        Assert.NotNull(gone.DeletedAt);
        Assert.Equal("Ann Example", (await worker.AskAsync(db => db.Users.AsNoTracking().SingleAsync(a => a.Id == bea.Id, Token))).DisplayName);

        var done = await worker.AskAsync(db => db.Erasures.AsNoTracking().SingleAsync(e => e.Id == erasure, Token));
        Assert.Equal(ErasureState.Done, done.State);
        Assert.Contains("accounts", done.DoneSections);
        var acts = await worker.AskAsync(db => db.AuditEvents.Where(e => e.TargetId == ann.Id).Select(e => e.Action).ToListAsync(Token));
        Assert.Contains(AuditActions.AccountErased, acts);
        Assert.Contains(AuditActions.RoleTaken, acts);
    }

    [Fact]
    public async Task A_prompt_goes_with_its_owner_for_all_who_had_it_and_stays_when_one_of_those_goes()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var (ann, bea) = (await worker.AccountAsync(), await worker.AccountAsync());
        var now = TimeProvider.System.GetUtcNow();
        Prompt Of(Account owner) => new() { Id = Guid.CreateVersion7(now), OwnerId = owner.Id, Name = "mail", Text = "Dear {{who}}", CreatedAt = now, UpdatedAt = now };
        Share To(Prompt prompt, GranteeKind kind, Guid id) => new() { Id = Guid.CreateVersion7(now), ResourceKind = ShareOf.Prompt, ResourceId = prompt.Id, GranteeKind = kind, GranteeId = id, Right = ShareRight.Use, CreatedAt = now };
        var (hers, beas) = (Of(ann), Of(bea));
        await worker.SaveAsync(db => db.AddRange(hers, beas, To(hers, GranteeKind.Person, bea.Id), To(hers, GranteeKind.Everyone, Share.Everyone), To(beas, GranteeKind.Person, ann.Id), To(beas, GranteeKind.Everyone, Share.Everyone)));

        Assert.True(await worker.Get<EraseDueAccounts>().EraseAsync(await worker.ErasureAsync(ann), Token));

        Assert.Equal([beas.Id], await worker.AskAsync(db => db.Prompts.Where(p => p.Id == hers.Id || p.Id == beas.Id).Select(p => p.Id).ToListAsync(Token)));
        Assert.Equal([GranteeKind.Everyone], await worker.AskAsync(db => db.Shares.Where(s => s.ResourceId == hers.Id || s.ResourceId == beas.Id).Select(s => s.GranteeKind).ToListAsync(Token)));
    }

    [Fact]
    public async Task Searches_find_nothing_and_files_are_gone_unless_somebody_else_has_the_same()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var ann = await worker.AccountAsync();
        var bea = await worker.AccountAsync();
        var annsBot = await worker.BotAsync(ann);
        var beasBot = await worker.BotAsync(bea);
        var own = await database.IngestAsync(annsBot, "own.txt", $"The lighthouse of {ann.Id} blinks thrice every minute.");
        var shared = $"The harbour master of {bea.Id} counts the boats at dusk.";
        var annsCopy = await database.IngestAsync(annsBot, "copy.txt", shared);
        var beasCopy = await database.IngestAsync(beasBot, "copy.txt", shared);
        Assert.NotEmpty(await database.SearchAsync(annsBot, "lighthouse blinks"));
        var blobs = worker.Get<BlobStore>();
        Assert.True(blobs.Exists(own.Sha256));

        Assert.True(await worker.Get<EraseDueAccounts>().EraseAsync(await worker.ErasureAsync(ann), Token));
        Assert.Equal(0, await database.CountAsync($"select count(*) from knowledge.chunks where bot_id = '{annsBot.Id}'"));
        Assert.Empty(await database.SearchAsync(annsBot, "lighthouse blinks"));

        // As the Worker does on the events.
        await DeliverAsync<ForgetDocument, DocumentDeleted>(worker, own.Id, (handler, happened) => handler.HandleAsync(happened, Token));
        await DeliverAsync<ForgetDocument, DocumentDeleted>(worker, annsCopy.Id, (handler, happened) => handler.HandleAsync(happened, Token));
        await DeliverAsync<ForgetBot, BotDeleted>(worker, annsBot.Id, (handler, happened) => handler.HandleAsync(happened, Token));
        Assert.False(blobs.Exists(own.Sha256));
        Assert.True(blobs.Exists(beasCopy.Sha256));
        Assert.NotEmpty(await database.SearchAsync(beasBot, "harbour boats"));
        Assert.Empty(await worker.Get<KnowledgeRetriever>().SearchAsync(annsBot.KnowledgeScope(), "harbour lighthouse", 5, Token));
    }

    [Fact]
    public async Task Two_at_once_erase_once_and_a_killed_one_is_gone_on_with()
    {
        // Fails in the middle, once, as if the process had been killed there.
        var stumbling = new Stumbling();
        using var worker = await PrivacyWorker.StartAsync(database, builder => builder.Services.AddScoped<IPersonalData>(_ => stumbling));
        var ann = await worker.AccountAsync();
        var erasure = await worker.ErasureAsync(ann);
        await Assert.ThrowsAsync<IOException>(() => worker.Get<EraseDueAccounts>().EraseAsync(erasure, Token));
        var begun = await worker.AskAsync(db => db.Erasures.AsNoTracking().SingleAsync(e => e.Id == erasure, Token));
        Assert.Equal(ErasureState.Running, begun.State);
        Assert.NotEmpty(begun.DoneSections);

        // It has begun, so nothing stops it any more.
        Assert.Null(await worker.AskAsync(db => db.CancelErasureAsync(erasure, Token)));
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => worker.Get<EraseDueAccounts>().EraseAsync(erasure, Token)));
        Assert.Single(results, erased => erased);
        Assert.Equal(ErasureState.Done, (await worker.AskAsync(db => db.Erasures.AsNoTracking().SingleAsync(e => e.Id == erasure, Token))).State);
        Assert.Equal(1, await worker.AskAsync(db => db.AuditEvents.CountAsync(e => e.TargetId == ann.Id && e.Action == AuditActions.AccountErased, Token)));
        Assert.False(await worker.Get<EraseDueAccounts>().EraseAsync(erasure, Token));
    }

    [Fact]
    public async Task Two_requests_for_one_account_are_one()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var ann = await worker.AccountAsync();
        await worker.ErasureAsync(ann, TimeSpan.FromDays(1));
        await Assert.ThrowsAsync<DbUpdateException>(() => worker.ErasureAsync(ann, TimeSpan.FromDays(1)));
    }

    [Fact]
    public async Task Until_it_is_due_and_while_a_hold_is_on_it_nothing_happens()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var early = await worker.AccountAsync();
        Assert.False(await worker.Get<EraseDueAccounts>().EraseAsync(await worker.ErasureAsync(early, TimeSpan.FromDays(1)), Token));

        var held = await worker.AccountAsync();
        var hold = await worker.HoldAsync(held);
        var erasure = await worker.ErasureAsync(held);
        Assert.False(await worker.Get<EraseDueAccounts>().EraseAsync(erasure, Token));
        Assert.NotNull((await worker.AskAsync(db => db.Users.AsNoTracking().SingleAsync(a => a.Id == held.Id, Token))).Email);

        var now = DateTimeOffset.UtcNow;
        await worker.AskAsync(db => db.LegalHolds.Where(h => h.Id == hold.Id).ExecuteUpdateAsync(h => h.SetProperty(x => x.LiftedAt, now), Token));
        Assert.True(await worker.Get<EraseDueAccounts>().EraseAsync(erasure, Token));
        Assert.Null((await worker.AskAsync(db => db.Users.AsNoTracking().SingleAsync(a => a.Id == held.Id, Token))).Email);
    }

    [Fact]
    public async Task What_somebody_under_hold_gave_to_the_bot_keeps_its_owner_waiting()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var ann = await worker.AccountAsync();
        var bot = await worker.BotAsync(ann);
        var held = await worker.AccountAsync();
        await worker.HoldAsync(held);
        await worker.SaveAsync(db => db.Add(Document.Queue(bot.Id, held.Id, "evidence.txt", Guid.NewGuid().ToString("n").PadLeft(64, '0'), 1, DateTimeOffset.UtcNow)));
        Assert.False(await worker.Get<EraseDueAccounts>().EraseAsync(await worker.ErasureAsync(ann), Token));
        Assert.Equal(1, await worker.AskAsync(db => db.Documents.CountAsync(d => d.BotId == bot.Id, Token)));
    }

    [Fact]
    public async Task A_cancelled_one_is_not_carried_out_and_the_person_comes_in_as_before()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var ann = await worker.AccountAsync();
        var erasure = await worker.ErasureAsync(ann);
        Assert.Equal(ann.Id, await worker.AskAsync(db => db.CancelErasureAsync(erasure, Token)));
        Assert.False(await worker.Get<EraseDueAccounts>().EraseAsync(erasure, Token));
        Assert.Null((await worker.AskAsync(db => db.Users.AsNoTracking().SingleAsync(a => a.Id == ann.Id, Token))).DisabledAt);
    }

    [Fact]
    public async Task After_a_restore_the_journal_erases_again_and_passes_over_what_others_wrote_into_it()
    {
        // A journal of its own: the other tests' erasures are none of its business.
        var folder = Directory.CreateTempSubdirectory("chatsphere-journal-").FullName;
        using var worker = await PrivacyWorker.StartAsync(database, builder => builder.Configuration.AddInMemoryCollection([new("Storage:Path", folder)]));
        var ann = await worker.AccountAsync();
        var bystander = await worker.AccountAsync();
        var bot = await worker.BotAsync(ann);
        await worker.ConversationAsync(ann, bot, "Before the backup");
        Assert.True(await worker.Get<EraseDueAccounts>().EraseAsync(await worker.ErasureAsync(ann), Token));
        await worker.Get<PurgeReplay>().RunAsync(Token);

        // As a restore of a backup from before: the account is back, and the database knows nothing of its erasure. And somebody cancels theirs after that backup.
        await worker.AskAsync(async db =>
        {
            await db.PurgeEntries.Where(e => e.AccountId == ann.Id).ExecuteDeleteAsync(Token);
            await db.Erasures.Where(e => e.AccountId == ann.Id).ExecuteDeleteAsync(Token);
            return await db.Users.Where(a => a.Id == ann.Id).ExecuteUpdateAsync(
                a => a.SetProperty(x => x.Email, ann.Email).SetProperty(x => x.NormalizedEmail, ann.NormalizedEmail).SetProperty(x => x.UserName, ann.UserName)
                    .SetProperty(x => x.DisplayName, ann.DisplayName).SetProperty(x => x.PasswordHash, ann.PasswordHash)
                    .SetProperty(x => x.DisabledAt, (DateTimeOffset?)null).SetProperty(x => x.ErasedAt, (DateTimeOffset?)null), Token);
        });
        await worker.ConversationAsync(ann, bot, "Back from the backup");
        var cancelled = await worker.ErasureAsync(bystander);
        await worker.Get<PurgeJournal>().AppendAsync(PurgeKind.Cancelled, cancelled, Token);

        // Somebody who can write the file but has not the key, and half a line of a writer that died.
        var path = Path.Combine(worker.Storage, "purge-journal", "journal.jsonl");
        await File.AppendAllTextAsync(path, $$"""{"kind":"Erased","id":"{{bystander.Id}}","at":"2026-01-01T00:00:00+00:00","mac":"{{new string('0', 64)}}"}""" + "\n{\"kind\":\"Era", Token);
        await worker.Get<PurgeJournal>().AppendAsync(PurgeKind.Erased, ann.Id, Token);

        var result = await worker.Get<PurgeReplay>().RunAsync(Token);
        Assert.Equal((1, 1), (result.Erased, result.Cancelled));
        Assert.True(result.NotOurs >= 2);
        var left = await worker.AskAsync(db => db.Users.AsNoTracking().SingleAsync(a => a.Id == ann.Id, Token));
        Assert.Equal((null, "Deleted user"), (left.Email, left.DisplayName));
        Assert.Equal(0, await worker.AskAsync(db => db.Conversations.CountAsync(c => c.OwnerId == ann.Id, Token)));
        Assert.NotNull((await worker.AskAsync(db => db.Users.AsNoTracking().SingleAsync(a => a.Id == bystander.Id, Token))).Email);
        Assert.False(await worker.Get<EraseDueAccounts>().EraseAsync(cancelled, Token));
        var again = await worker.Get<PurgeReplay>().RunAsync(Token);
        Assert.Equal((0, 0), (again.Erased, again.Cancelled));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_last_administrator_is_known_as_such()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var only = await worker.AccountAsync(Role.AdministratorId);
        Assert.True(await worker.AskAsync(db => db.IsLastAdministratorAsync(only.Id, Token)));
        var second = await worker.AccountAsync();
        var group = new Group { Id = Guid.CreateVersion7(), Name = $"Administrators {Guid.NewGuid():n}", CreatedAt = DateTimeOffset.UtcNow };
        await worker.SaveAsync(db => db.AddRange(
            group, new GroupRole { GroupId = group.Id, RoleId = Role.AdministratorId }, new GroupMember { GroupId = group.Id, AccountId = second.Id, AddedAt = DateTimeOffset.UtcNow }));
        Assert.False(await worker.AskAsync(db => db.IsLastAdministratorAsync(only.Id, Token)));
        await worker.AskAsync(db => db.Set<IdentityUserRole<Guid>>().Where(r => r.UserId == only.Id).ExecuteDeleteAsync(Token));
        Assert.True(await worker.AskAsync(db => db.IsLastAdministratorAsync(second.Id, Token)));
        await worker.AskAsync(db => db.Groups.Where(g => g.Id == group.Id).ExecuteDeleteAsync(Token));
    }

    private static async Task DeliverAsync<THandler, TEvent>(PrivacyWorker worker, Guid key, Func<THandler, TEvent, Task> handle)
        where THandler : class
    {
        var ordering = key.ToString();
        var type = EventTypes.NameOf(typeof(TEvent));
        var payload = await worker.AskAsync(db => db.Outbox.Where(m => m.OrderingKey == ordering && m.Type == type).Select(m => m.Payload).SingleAsync(Token));
        var happened = System.Text.Json.JsonSerializer.Deserialize<TEvent>(payload, EventTypes.Json)!;
        await worker.RunAsync<THandler>(handler => handle(handler, happened));
    }

    private sealed class Stumbling : IPersonalData
    {
        private bool _stumbled;

        public string Section => "stumbling";

        public IReadOnlyList<Type> Owns => [];

        public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
        {
            if (!_stumbled)
            {
                _stumbled = true;
                throw new IOException("Killed.");
            }

            return Task.CompletedTask;
        }
    }
}
