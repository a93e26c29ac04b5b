using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace ChatSphere.Tests.Hosting;

/// <summary>The AppHost's entry point as tests drive it. Starting all of it is what the integration tests' fixture does.</summary>
public sealed class AppHostUnderTestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_test_may_change_the_model_before_it_is_built()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ChatSphere_AppHost>(["--Replicas:Api=1"], Token);
        Assert.Equal("temporary", builder.Configuration["Volumes"]);
        Assert.Equal(
            ["api", "chatsphere", "encryption-key", "migrate", "postgres", "qdrant", "rabbitmq", "redis", "web", "worker"],
            builder.Resources.Select(r => r.Name).Order(StringComparer.Ordinal));
        foreach (var resource in builder.Resources.Where(r => r.Name is not ("redis" or "encryption-key")).ToList())
        {
            builder.Resources.Remove(resource);
        }

        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        var redis = await app.ResourceNotifications.WaitForResourceHealthyAsync("redis", Token);
        Assert.Equal(KnownResourceStates.Running, redis.Snapshot.State?.Text);
    }

    [Fact]
    public async Task An_entry_point_that_fails_fails_the_test_with_its_reason()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => DistributedApplicationTestingBuilder.CreateAsync<Projects.ChatSphere_AppHost>(["--Replicas:Api=0"], Token));
        Assert.Contains("replicas", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_applications_run_beside_each_other()
    {
        await using var first = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ChatSphere_AppHost>(Token);
        await using var second = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ChatSphere_AppHost>(Token);
        Assert.NotSame(first.Resources, second.Resources);
    }
}
