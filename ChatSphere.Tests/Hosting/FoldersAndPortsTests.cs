using Aspire.Hosting;
using Aspire.Hosting.Testing;
using ChatSphere.LocalHosting.Network;
using ChatSphere.LocalHosting.Running;

namespace ChatSphere.Tests.Hosting;

public sealed class FoldersAndPortsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Data_in_use_names_the_process_that_uses_it_and_the_ways_out()
    {
        var folder = Directory.CreateTempSubdirectory("chatsphere-tests-");
        try
        {
            var settings = new LocalSettings { Testing = false, EnvironmentName = "Development", TemporaryData = false, DataFolder = folder.FullName };
            using var first = new RunFolders(settings, "AppHost", "0123456789abcdef");
            using var second = new RunFolders(settings, "AppHost", "0123456789abcdef");
            first.LockData();
            var refused = Assert.Throws<DistributedApplicationException>(second.LockData);
            Assert.Contains($"process {System.Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
            Assert.Contains("--Volumes=temporary", refused.Message, StringComparison.Ordinal);
            first.Dispose();
            second.LockData();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Secrets_are_kept_for_the_next_run_and_closed_to_others()
    {
        var folder = Directory.CreateTempSubdirectory("chatsphere-tests-");
        try
        {
            var settings = new LocalSettings { Testing = false, EnvironmentName = "Development", TemporaryData = false, DataFolder = folder.FullName };
            using var folders = new RunFolders(settings, "AppHost", "0123456789abcdef");
            var made = new GeneratedSecrets(folders) { Persistent = true }.GetOrCreate("Parameters:key", () => "first", persist: true);
            var found = new GeneratedSecrets(folders) { Persistent = true }.GetOrCreate("Parameters:key", () => "second", persist: true);
            Assert.Equal(made, found);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.FullName, "secrets.json")));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_port_that_something_listens_on_is_not_given_out()
    {
        using var held = LoopbackPort.ReserveAny();
        Assert.Null(LoopbackPort.TryReserve(held.Number));
        held.Dispose();
        using var again = LoopbackPort.TryReserve(held.Number);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task Names_must_be_unique_and_dependencies_present()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddRedis("cache");
        Assert.Throws<DistributedApplicationException>(() => builder.AddPostgres("Cache"));
        Assert.Throws<ArgumentException>(() => builder.AddRedis("not a name"));
        var missing = builder.AddConnectionString("nowhere");
        builder.AddExecutable("reader", "true", ".").WithReference(missing);
        builder.Resources.Remove(builder.Resources.Single(r => r.Name == "cache"));
        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("reader", Token));
        Assert.Contains("ConnectionStrings__nowhere", failure.Message, StringComparison.Ordinal);
    }
}
