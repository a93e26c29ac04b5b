using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using ChatSphere.Tests.Knowledge;
using ChatSphere.Worker.Modules.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Tests.Privacy;

/// <summary>Rules here are for groups of their own or far in the past, so that they take nothing from other tests on the same database.</summary>
public sealed class KeepingAndForgettingTests(KnowledgeDatabase database)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_groups_rule_deletes_what_its_members_have_not_used_and_leaves_the_rest_and_the_held()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var (member, outsider, held) = (await worker.AccountAsync(), await worker.AccountAsync(), await worker.AccountAsync());
        var group = new Group { Id = Guid.CreateVersion7(), Name = $"Interns {Guid.NewGuid():n}", CreatedAt = DateTimeOffset.UtcNow };
        await worker.SaveAsync(db => db.AddRange(
            group,
            new GroupMember { GroupId = group.Id, AccountId = member.Id, AddedAt = DateTimeOffset.UtcNow },
            new GroupMember { GroupId = group.Id, AccountId = held.Id, AddedAt = DateTimeOffset.UtcNow },
            new RetentionRule { Id = Guid.CreateVersion7(), Kind = RetentionKind.Conversations, GroupId = group.Id, Days = 30, ChangedBy = member.Id },
            new RetentionRule { Id = Guid.CreateVersion7(), Kind = RetentionKind.Documents, GroupId = group.Id, Days = 30, ChangedBy = member.Id }));
        await worker.HoldAsync(held);
        var bot = await worker.BotAsync(member);
        var heldBot = await worker.BotAsync(held);
        var old = await worker.ConversationAsync(member, bot, "old");
        var recent = await worker.ConversationAsync(member, bot, "recent");
        var others = await worker.ConversationAsync(outsider, bot, "an outsider's");
        var kept = await worker.ConversationAsync(held, bot, "under hold");
        var document = await database.IngestAsync(bot, "old.txt", $"Old words of {member.Id}");
        var heldDocument = await database.IngestAsync(heldBot, "old.txt", $"Old words of {held.Id}");
        var past = DateTimeOffset.UtcNow.AddDays(-31);
        await worker.AskAsync(async db =>
            await db.Conversations.Where(c => c.Id == old.Id || c.Id == others.Id || c.Id == kept.Id).ExecuteUpdateAsync(c => c.SetProperty(x => x.UpdatedAt, past), Token)
            + await db.Documents.Where(d => d.Id == document.Id || d.Id == heldDocument.Id).ExecuteUpdateAsync(d => d.SetProperty(x => x.CreatedAt, past), Token));

        var before = DateTimeOffset.UtcNow.AddDays(-30);
        Assert.Equal((1L, 1L), await worker.AskAsync(db => db.CountAsync(RetentionKind.Conversations, before, new(GroupId: group.Id), Token)));
        Assert.Equal((1L, 1L), await worker.AskAsync(db => db.CountAsync(RetentionKind.Documents, before, new(GroupId: group.Id), Token)));
        await worker.Get<ApplyRetention>().SweepAsync(Token);

        Assert.Equal(
            new[] { recent.Id, others.Id, kept.Id }.Order(),
            (await worker.AskAsync(db => db.Conversations.Where(c => c.BotId == bot.Id).Select(c => c.Id).ToListAsync(Token))).Order());
        Assert.Null(await database.FindAsync(document.Id));
        Assert.NotNull(await database.FindAsync(heldDocument.Id));
        Assert.Equal((0L, 1L), await worker.AskAsync(db => db.CountAsync(RetentionKind.Conversations, before, new(GroupId: group.Id), Token)));
        Assert.Equal(2, await worker.AskAsync(db => db.AuditEvents.CountAsync(e => e.Action == AuditActions.RetentionApplied && e.TargetId == group.Id, Token)));
    }

    [Fact]
    public async Task A_bots_rule_deletes_what_is_with_it_and_leaves_other_bots_and_the_held()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var (ann, held) = (await worker.AccountAsync(), await worker.AccountAsync());
        await worker.HoldAsync(held);
        var bot = await worker.BotAsync(ann);
        var another = await worker.BotAsync(ann);
        var old = await worker.ConversationAsync(ann, bot, "old");
        var recent = await worker.ConversationAsync(ann, bot, "recent");
        var elsewhere = await worker.ConversationAsync(ann, another, "old, with another bot");
        var kept = await worker.ConversationAsync(held, bot, "under hold");
        var document = await database.IngestAsync(bot, "old.txt", $"Old words of {bot.Id}");
        var elsewheres = await database.IngestAsync(another, "old.txt", $"Old words of {another.Id}");
        await worker.SaveAsync(db => db.AddRange(
            new BotRetentionRule { BotId = bot.Id, Kind = RetentionKind.Conversations, Days = 30, ChangedBy = ann.Id },
            new BotRetentionRule { BotId = bot.Id, Kind = RetentionKind.Documents, Days = 30, ChangedBy = ann.Id }));
        var past = DateTimeOffset.UtcNow.AddDays(-31);
        await worker.AskAsync(async db =>
            await db.Conversations.Where(c => c.Id == old.Id || c.Id == elsewhere.Id || c.Id == kept.Id).ExecuteUpdateAsync(c => c.SetProperty(x => x.UpdatedAt, past), Token)
            + await db.Documents.Where(d => d.Id == document.Id || d.Id == elsewheres.Id).ExecuteUpdateAsync(d => d.SetProperty(x => x.CreatedAt, past), Token));

        var before = DateTimeOffset.UtcNow.AddDays(-30);
        Assert.Equal((1L, 1L), await worker.AskAsync(db => db.CountAsync(RetentionKind.Conversations, before, new(BotId: bot.Id), Token)));
        Assert.Equal((1L, 0L), await worker.AskAsync(db => db.CountAsync(RetentionKind.Documents, before, new(BotId: bot.Id), Token)));
        await worker.Get<ApplyRetention>().SweepAsync(Token);

        Assert.Equal(
            new[] { recent.Id, elsewhere.Id, kept.Id }.Order(),
            (await worker.AskAsync(db => db.Conversations.Where(c => c.BotId == bot.Id || c.BotId == another.Id).Select(c => c.Id).ToListAsync(Token))).Order());
        Assert.Null(await database.FindAsync(document.Id));
        Assert.NotNull(await database.FindAsync(elsewheres.Id));
        var told = await worker.AskAsync(db => db.AuditEvents.Where(e => e.Action == AuditActions.RetentionApplied && e.TargetId == bot.Id).Select(e => e.Details).ToListAsync(Token));
        Assert.Equal(2, told.Count);
        Assert.All(told, d => Assert.Equal(bot.Id.ToString(), (string?)System.Text.Json.Nodes.JsonNode.Parse(d!)!["botId"]));
    }

    [Fact]
    public async Task What_only_the_machinery_needs_goes_by_default_but_not_under_a_hold()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var (ann, held) = (await worker.AccountAsync(), await worker.AccountAsync());
        await worker.HoldAsync(held);
        var past = DateTimeOffset.UtcNow.AddDays(-91);
        await worker.AskAsync(db => db.Sessions.Where(s => s.AccountId == ann.Id || s.AccountId == held.Id).ExecuteUpdateAsync(s => s.SetProperty(x => x.ExpiresAt, past), Token));
        await worker.SaveAsync(db =>
        {
            foreach (var account in new[] { ann, held })
            {
                db.OneTimeTokens.Add(new OneTimeToken { Id = Guid.CreateVersion7(), Purpose = "test", AccountId = account.Id, SecretHash = [1], CreatedAt = past, ExpiresAt = past });
            }
        });
        await worker.Get<ApplyRetention>().SweepAsync(Token);
        Assert.Equal([held.Id], await worker.AskAsync(db => db.Sessions.Where(s => s.AccountId == ann.Id || s.AccountId == held.Id).Select(s => s.AccountId).ToListAsync(Token)));
        Assert.Equal([held.Id], await worker.AskAsync(db => db.OneTimeTokens.Where(t => t.AccountId == ann.Id || t.AccountId == held.Id).Select(t => t.AccountId!.Value).ToListAsync(Token)));
    }

    [Fact]
    public async Task Ones_own_decision_deletes_ones_own_conversations_only()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var (ann, bea) = (await worker.AccountAsync(), await worker.AccountAsync());
        var bot = await worker.BotAsync(ann);
        var old = await worker.ConversationAsync(ann, bot, "old");
        var recent = await worker.ConversationAsync(ann, bot, "recent");
        var beas = await worker.ConversationAsync(bea, bot, "old");
        await worker.SaveAsync(db => db.OwnRetentions.Add(new OwnRetention { AccountId = ann.Id, DeleteConversationsAfterDays = 7 }));
        var past = DateTimeOffset.UtcNow.AddDays(-8);
        await worker.AskAsync(db => db.Conversations.Where(c => c.Id == old.Id || c.Id == beas.Id).ExecuteUpdateAsync(c => c.SetProperty(x => x.UpdatedAt, past), Token));
        await worker.Get<ApplyRetention>().SweepAsync(Token);
        Assert.Equal(new[] { recent.Id, beas.Id }.Order(), (await worker.AskAsync(db => db.Conversations.Where(c => c.BotId == bot.Id).Select(c => c.Id).ToListAsync(Token))).Order());
    }
}
