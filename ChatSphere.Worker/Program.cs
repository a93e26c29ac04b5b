using ChatSphere.Data;
using ChatSphere.Messaging;
using ChatSphere.Worker.Modules.Accounts;
using ChatSphere.Worker.Modules.Knowledge;
using ChatSphere.Worker.Modules.Live;
using ChatSphere.Worker.Modules.Plans;

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
    await OfferSetup.RunAsync(host.Services, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    await host.StopAsync();
    return 0;
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
builder.AddPlans();

var app = builder.Build();
await DatabaseSchema.EnsureCurrentAsync(app.Services, app.Lifetime.ApplicationStopping);
app.MapDefaultEndpoints();
app.Run();
return 0;
