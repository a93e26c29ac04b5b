using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Files;
using ChatSphere.Data.Privacy;
using ChatSphere.Tests.Knowledge;
using ChatSphere.Worker.Modules.Privacy;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ChatSphere.Tests.Privacy;

/// <summary>The Worker's part in privacy on a real database, each step when a test says so.</summary>
internal sealed class PrivacyWorker(IHost host) : IDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<PrivacyWorker> StartAsync(KnowledgeDatabase database, Action<HostApplicationBuilder>? change = null) => new(await database.ProcessAsync(builder =>
    {
        builder.Configuration.AddInMemoryCollection([new("Encryption:Key", "the same key for all who test privacy")]);
        builder.AddSecretBox();
        PrivacyModule.AddPrivacy(builder);
        change?.Invoke(builder);
    }));

    public string Storage => host.Services.GetRequiredService<IOptions<StorageOptions>>().Value.Path;

    public T Get<T>()
        where T : notnull => host.Services.GetRequiredService<T>();

    public async Task<T> AskAsync<T>(Func<ChatSphereDb, Task<T>> ask)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<ChatSphereDb>());
    }

    public Task SaveAsync(Action<ChatSphereDb> change) => AskAsync(async db =>
    {
        change(db);
        return await db.SaveChangesAsync(Token);
    });

    public async Task RunAsync<THandler>(Func<THandler, Task> run)
        where THandler : class
    {
        await using var scope = host.Services.CreateAsyncScope();
        await run(scope.ServiceProvider.GetRequiredService<THandler>());
    }

    /// <summary>Somebody with a role, a session, a key, a claim and a way to sign in elsewhere.</summary>
    public async Task<Account> AccountAsync(Guid? role = null)
    {
        var now = DateTimeOffset.UtcNow;
        var account = Account.Create($"{Guid.NewGuid():n}@example.com", "Ann Example", now);
        account.NormalizedEmail = account.NormalizedUserName = account.Email!.ToUpperInvariant();
        account.PasswordHash = "a hash";
        await SaveAsync(db =>
        {
            db.Users.Add(account);
            db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = account.Id, RoleId = role ?? Role.MemberId });
            db.Sessions.Add(Session.Start(account.Id, now, TimeSpan.FromDays(1), ["pwd"], "A browser", "192.0.2.0/24"));
            db.ApiKeys.Add(new ApiKey { Id = Guid.CreateVersion7(now), AccountId = account.Id, Name = "A key", Scopes = [], SecretHash = [1], CreatedAt = now });
            db.UserClaims.Add(new IdentityUserClaim<Guid> { UserId = account.Id, ClaimType = "a", ClaimValue = "b" });
            db.UserLogins.Add(new IdentityUserLogin<Guid> { UserId = account.Id, LoginProvider = "elsewhere", ProviderKey = account.Id.ToString() });
        });
        return account;
    }

    public async Task<Bot> BotAsync(Account owner, string name = "Ann's helper")
    {
        var bot = Bot.Create(owner.Id, name, "Know what Ann knows.", null, null, DateTimeOffset.UtcNow);
        await SaveAsync(db => db.Add(bot));
        return bot;
    }

    public async Task<Conversation> ConversationAsync(Account owner, Bot bot, string text)
    {
        var now = DateTimeOffset.UtcNow;
        var conversation = Conversation.Start(owner.Id, bot.Id, null, now);
        var (turn, question, answer) = conversation.Ask(text, null, null, "test", now, TimeSpan.FromMinutes(1))!.Value;
        await SaveAsync(db => db.AddRange(conversation, question, answer, turn));
        await AskAsync(async db => await Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.ExecuteSqlAsync(db.Database, $"update conversations.conversations set active_turn_id = null where id = {conversation.Id}", Token));
        return conversation;
    }

    public async Task<Guid> ErasureAsync(Account account, TimeSpan? grace = null)
    {
        var now = DateTimeOffset.UtcNow;
        var id = Guid.CreateVersion7(now);
        await SaveAsync(db => db.Erasures.Add(new Erasure { Id = id, AccountId = account.Id, RequestedBy = account.Id, RequestedAt = now, DueAt = now + (grace ?? TimeSpan.Zero) }));
        return id;
    }

    public async Task<LegalHold> HoldAsync(Account account)
    {
        var hold = new LegalHold { Id = Guid.CreateVersion7(), AccountId = account.Id, Reason = "A matter", PlacedBy = account.Id, PlacedAt = DateTimeOffset.UtcNow };
        await SaveAsync(db => db.LegalHolds.Add(hold));
        return hold;
    }

    public void Dispose() => host.Dispose();
}
