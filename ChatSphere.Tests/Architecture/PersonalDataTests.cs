using System.Text.RegularExpressions;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Tests.Architecture;

/// <summary>No table can hold somebody's id without somebody answering for what happens to it when they want it back or gone.</summary>
public sealed partial class PersonalDataTests : IDisposable
{
    private readonly IHost _host;
    private readonly IServiceScope _scope;

    public PersonalDataTests()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:chatsphere", "Host=127.0.0.1;Port=1"), new("Storage:Path", Path.GetTempPath()), new("Encryption:Key", new string('k', 40))]);
        builder.Services.AddLogging();
        builder.AddChatSphereData();
        builder.AddBlobStore();
        builder.AddSecretBox();
        builder.AddPersonalData();
        _host = builder.Build();
        _scope = _host.Services.CreateScope();
    }

    public void Dispose()
    {
        _scope.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Every_table_with_somebodys_id_is_answered_for()
    {
        var owned = Implementations.SelectMany(d => d.Owns).ToHashSet();
        var orphans = EntityTypes.Where(NamesSomebody).Where(e => !owned.Contains(e.ClrType)).Select(e => e.ClrType.Name).Order().ToList();
        Assert.True(orphans.Count == 0, $"Nobody's: {string.Join(", ", orphans)}. Name them in Owns of their module's IPersonalData.");
    }

    [Fact]
    public void Nothing_is_answered_for_twice_and_everything_that_is_exists()
    {
        var owned = Implementations.SelectMany(d => d.Owns).ToList();
        Assert.Equal([], owned.GroupBy(t => t).Where(g => g.Count() > 1).Select(g => g.Key.Name));
        Assert.Equal([], owned.Except(EntityTypes.Select(e => e.ClrType)).Select(t => t.Name));
    }

    [Fact]
    public void Sections_have_names_of_their_own_that_are_good_for_folders()
    {
        var names = Implementations.Select(d => d.Section).ToList();
        Assert.Equal(names.Distinct().Count(), names.Count);
        Assert.All(names, n => Assert.Matches("^[a-z][a-z-]+$", n));
    }

    [Fact]
    public void The_account_goes_last_because_the_rest_leads_to_it() => Assert.Equal("accounts", Implementations[^1].Section);

    private IReadOnlyList<IPersonalData> Implementations => [.. _scope.ServiceProvider.GetServices<IPersonalData>()];

    private IEnumerable<IEntityType> EntityTypes => _scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Model.GetEntityTypes().Where(e => !e.IsMappedToJson());

    private static bool NamesSomebody(IEntityType entity) =>
        entity.ClrType == typeof(Account)
        || entity.GetForeignKeys().Any(k => k.PrincipalEntityType.ClrType == typeof(Account))
        || entity.GetProperties().Any(p => (p.ClrType == typeof(Guid) || p.ClrType == typeof(Guid?)) && Somebody().IsMatch(p.Name));

    [GeneratedRegex("(Account|Owner|User|Actor|Author|Person|Member|Friend|Sender|Recipient|Requester|Addressee|Blocker|Blocked|Grantee|Subject|Customer|Invitee|Inviter)Id$|By(Id)?$")]
    private static partial Regex Somebody();
}
