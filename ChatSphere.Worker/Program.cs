using ChatSphere.AI.Chat;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Secrets;
using ChatSphere.Messaging;
using ChatSphere.Worker.Modules.Accounts;
using ChatSphere.Worker.Modules.Audit;
using ChatSphere.Worker.Modules.Communities;
using ChatSphere.Worker.Modules.CommunitySearch;
using ChatSphere.Worker.Modules.Context;
using ChatSphere.Worker.Modules.Budgets;
using ChatSphere.Worker.Modules.Conversations;
using ChatSphere.Worker.Modules.Encryption;
using ChatSphere.Worker.Modules.Knowledge;
using ChatSphere.Worker.Modules.Live;
using ChatSphere.Worker.Modules.People;
using ChatSphere.Worker.Modules.Notifications;
using ChatSphere.Worker.Modules.Plans;
using ChatSphere.Worker.Modules.Privacy;
using ChatSphere.Worker.Modules.Tools;

// `ChatSphere.Worker migrate` brings the database to this version and ends; everything else starts only after it. `ChatSphere.Worker replay-purges` erases again what
// a restored backup brought back; the migrate step does so as well.
if (args is ["replay-purges"])
{
    return await ReplayPurges.RunAsync(args);
}

if (args is ["migrate"])
{
    var migrating = Host.CreateApplicationBuilder(args);
    migrating.AddServiceDefaults();
    migrating.AddChatSphereData(asOwner: true);
    migrating.AddSecretBox();
    migrating.AddReplayToMigration();
    using var host = migrating.Build();
    await host.StartAsync();
    await DatabaseSchema.MigrateAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await EncryptionCheck.EnsureKeysAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await DatabaseRole.EnsureAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await RightsBaseline.RecordAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await ReplayPurges.RunInMigrationAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await OfferSetup.RunAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await host.StopAsync();
    return 0;
}

// `ChatSphere.Worker reencrypt` brings everything sealed under the active key, and content to what Encryption:Content says; with `--verify` it only counts what is not.
if (args is ["reencrypt", ..])
{
    return await RunReencryption.RunAsync(args);
}

// `ChatSphere.Worker verify-audit` reads the audit chain and ends with 0 when it is whole.
if (args is ["verify-audit"])
{
    return await VerifyAudit.RunAsync(args, Console.Out);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddChatSphereData();
builder.AddBlobStore();
builder.AddSecretBox();
builder.AddLiveMessaging();
builder.AddEventHandling();
builder.AddLive();
builder.AddProviderConnections();
builder.AddKnowledge();
builder.AddReencryption();
builder.AddPeople();
builder.AddServers();
builder.AddContext();
builder.AddChannelMessages();
builder.AddTools();
builder.AddNotifications();
builder.AddCommunitySearch();
builder.Services.AddHostedService<PruneSignIns>();
builder.AddConversations();
builder.AddPlans();
builder.AddBudgets();
builder.AddPrivacy();
builder.AddAudit();

var app = builder.Build();
await DatabaseSchema.EnsureCurrentAsync(app.Services, app.Lifetime.ApplicationStopping);
await EncryptionCheck.EnsureKeysAsync(app.Services, app.Lifetime.ApplicationStopping);
app.MapDefaultEndpoints();
app.SayWhereMailsGo();
app.Run();
return 0;
