using ChatSphere.Messaging.Live;
using ChatSphere.Tests.Knowledge;
using ChatSphere.Tests.Privacy;
using ChatSphere.Worker.Modules.Conversations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace ChatSphere.Tests.Conversations;

/// <summary>The Worker's sweep on a real database, at the hour that a test says.</summary>
public sealed class ForgettingTemporaryChatsTests(KnowledgeDatabase database)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_temporary_chat_goes_when_its_time_is_over_and_not_while_it_is_answered_or_held()
    {
        using var worker = await PrivacyWorker.StartAsync(database);
        var (ann, held) = (await worker.AccountAsync(), await worker.AccountAsync());
        var bot = await worker.BotAsync(ann);
        var now = TimeProvider.System.GetUtcNow();
        var over = await TalkAsync(worker, ann, bot, now.AddHours(1));
        var later = await TalkAsync(worker, ann, bot, now.AddHours(3));
        var answered = await TalkAsync(worker, ann, bot, now.AddHours(1));
        var kept = await TalkAsync(worker, ann, bot, null);
        var underHold = await TalkAsync(worker, held, bot, now.AddHours(1));
        var hold = await worker.HoldAsync(held);
        await worker.AskAsync(db => db.Database.ExecuteSqlAsync($"update conversations.conversations set active_turn_id = (select id from conversations.turns where conversation_id = {answered}) where id = {answered}", Token));

        // The shared feed is away: who listens hears nothing, and the sweep does not mind.
        using var redis = await ConnectionMultiplexer.ConnectAsync("127.0.0.1:1,abortConnect=false,connectTimeout=100,connectRetry=0");
        Task<int> SweepAsync(TimeSpan after) =>
            new ForgetTemporaryConversations(worker.Get<IServiceScopeFactory>(), new LiveFeed(redis, NullLogger<LiveFeed>.Instance), new FixedTime(now + after), NullLogger<ForgetTemporaryConversations>.Instance).SweepAsync(Token);
        async Task<List<Guid>> LeftAsync() => await worker.AskAsync(db => db.Conversations.Where(c => c.OwnerId == ann.Id || c.OwnerId == held.Id).Select(c => c.Id).ToListAsync(Token));

        await SweepAsync(TimeSpan.FromMinutes(59));
        Assert.Equal(new[] { over, later, answered, kept, underHold }.Order(), (await LeftAsync()).Order());

        // Two Workers at once are as good as one.
        await Task.WhenAll(SweepAsync(TimeSpan.FromHours(2)), SweepAsync(TimeSpan.FromHours(2)));
        Assert.Equal(new[] { later, answered, kept, underHold }.Order(), (await LeftAsync()).Order());
        Assert.False(await worker.AskAsync(db => db.Messages.AnyAsync(m => m.ConversationId == over, Token)));
        Assert.False(await worker.AskAsync(db => db.Turns.AnyAsync(t => t.ConversationId == over, Token)));
        Assert.True(await worker.AskAsync(db => db.Messages.AnyAsync(m => m.ConversationId == later, Token)));

        // Once the answer is given and the hold is lifted their time has come too.
        await worker.AskAsync(db => db.Database.ExecuteSqlAsync($"update conversations.conversations set active_turn_id = null where id = {answered}", Token));
        await worker.AskAsync(db => db.LegalHolds.Where(h => h.Id == hold.Id).ExecuteDeleteAsync(Token));
        Assert.True(await SweepAsync(TimeSpan.FromHours(2)) >= 2);
        Assert.Equal(new[] { later, kept }.Order(), (await LeftAsync()).Order());
        Assert.True(await SweepAsync(TimeSpan.FromHours(4)) >= 1);
        Assert.Equal([kept], await LeftAsync());
    }

    private static async Task<Guid> TalkAsync(PrivacyWorker worker, Data.Accounts.Account owner, Data.Bots.Bot bot, DateTimeOffset? until)
    {
        var talk = await worker.ConversationAsync(owner, bot, "Between us");
        await worker.AskAsync(db => db.Conversations.Where(c => c.Id == talk.Id).ExecuteUpdateAsync(c => c.SetProperty(x => x.ExpiresAt, until), Token));
        return talk.Id;
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
