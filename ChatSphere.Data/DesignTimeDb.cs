using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Data;

/// <summary>For <c>dotnet ef</c>, which needs a model and no database.</summary>
internal sealed class DesignTimeDb : IDesignTimeDbContextFactory<ChatSphereDb>
{
    public ChatSphereDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<ChatSphereDb>()
            .UseNpgsql("Host=localhost", npgsql => npgsql.MigrationsHistoryTable("migrations", "public"))
            .UseApplicationServiceProvider(new ServiceCollection().AddIdentitySchema().BuildServiceProvider())
            .Options);
}
