using ChatSphere.Data;
using ChatSphere.Data.Files;
using ChatSphere.Data.Privacy;

namespace ChatSphere.Worker.Modules.Privacy;

/// <summary>After a restore of the database: erases again who was erased since that backup, before anybody is let in.</summary>
public static class ReplayPurges
{
    /// <summary>As a program of its own. Ends with 1 when the journal has lines that are not this deployment's: somebody should look at it.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddServiceDefaults();
        builder.AddChatSphereData();
        builder.AddBlobStore();
        builder.AddSecretBox();
        builder.AddPersonalData();
        using var host = builder.Build();
        await host.StartAsync();
        var result = await host.Services.GetRequiredService<PurgeReplay>().RunAsync(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        Console.WriteLine($"Erased again: {result.Erased}. Cancelled again: {result.Cancelled}. Lines passed over: {result.NotOurs}.");
        await host.StopAsync();
        return result.NotOurs == 0 ? 0 : 1;
    }

    /// <summary>In the migrate step, where it knows the storage folder.</summary>
    public static void AddReplayToMigration(this IHostApplicationBuilder builder)
    {
        if (StorageIsKnown(builder.Configuration))
        {
            builder.AddBlobStore();
            builder.AddPersonalData();
        }
    }

    public static async Task RunInMigrationAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetService<PurgeReplay>() is { } replay)
        {
            await replay.RunAsync(cancellationToken);
        }
    }

    private static bool StorageIsKnown(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[$"{StorageOptions.Section}:Path"]);
}
