using ChatSphere.Data;
using ChatSphere.Data.Secrets;
using ChatSphere.Messaging;
using ChatSphere.Worker.Modules.Accounts;
using ChatSphere.Worker.Modules.Encryption;
using ChatSphere.Worker.Modules.Knowledge;
using ChatSphere.Worker.Modules.Live;

// `ChatSphere.Worker migrate` brings the database to this version and ends; everything else starts only after it.
if (args is ["migrate"])
{
    var migrating = Host.CreateApplicationBuilder(args);
    migrating.AddServiceDefaults();
    migrating.AddChatSphereData();
    migrating.AddSecretBox();
    using var host = migrating.Build();
    await host.StartAsync();
    await DatabaseSchema.MigrateAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await EncryptionCheck.EnsureKeysAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await OfferSetup.RunAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await host.StopAsync();
    return 0;
}

// `ChatSphere.Worker reencrypt` brings everything sealed under the active key, and content to what Encryption:Content says; with `--verify` it only counts what is not.
if (args is ["reencrypt", ..])
{
    return await RunReencryption.RunAsync(args);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddChatSphereData();
builder.AddBlobStore();
builder.AddSecretBox();
builder.AddLiveMessaging();
builder.AddEventHandling();
builder.AddLive();
builder.AddKnowledge();
builder.AddReencryption();

var app = builder.Build();
await DatabaseSchema.EnsureCurrentAsync(app.Services, app.Lifetime.ApplicationStopping);
await EncryptionCheck.EnsureKeysAsync(app.Services, app.Lifetime.ApplicationStopping);
app.MapDefaultEndpoints();
app.Run();
return 0;
