using ChatSphere.Data;
using ChatSphere.Data.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Tests.Architecture;

public sealed class ModelTests
{
    [Fact]
    public void The_migrations_lead_to_the_model()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:chatsphere", "Host=127.0.0.1;Port=1")]);
        builder.Services.AddLogging();
        builder.AddChatSphereData();
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        Assert.False(db.Database.HasPendingModelChanges(), "The model has changed since the last migration; add one (CONTRIBUTING.md).");
    }

    [Fact]
    public void Every_event_has_a_name_of_its_own_in_the_form_of_the_house()
    {
        var names = EventTypes.All.Select(EventTypes.NameOf).ToList();
        Assert.NotEmpty(names);
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, n => Assert.Matches(@"^[a-z]+\.[a-z]+(-[a-z]+)+\.v\d+$", n));
    }
}
