using ChatSphere.Data.Accounts;
using ChatSphere.Data.Bots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Data.Privacy;

public static class PersonalDataRegistration
{
    /// <summary>
    /// Every <see cref="IPersonalData"/> of this assembly, in the order of erasing: bots after what was made with them, and last the account, to which the rest leads.
    /// Needs <c>AddChatSphereData</c>, <c>AddBlobStore</c> and <c>AddSecretBox</c>.
    /// </summary>
    public static IHostApplicationBuilder AddPersonalData(this IHostApplicationBuilder builder)
    {
        foreach (var type in Implementations)
        {
            builder.Services.AddScoped(typeof(IPersonalData), type);
        }

        builder.Services.AddExportFiles();
        builder.Services.AddSingleton<PersonalDataEraser>();
        builder.Services.AddSingleton<PurgeReplay>();
        return builder;
    }

    /// <summary>What requests need of this: the sealed files and the journal.</summary>
    public static IServiceCollection AddExportFiles(this IServiceCollection services) => services.AddSingleton<ExportFiles>().AddSingleton<PurgeJournal>();

    internal static IEnumerable<Type> Implementations => typeof(IPersonalData).Assembly.GetTypes()
        .Where(t => typeof(IPersonalData).IsAssignableFrom(t) && t is { IsInterface: false, IsAbstract: false })
        .OrderBy(t => t == typeof(AccountsPersonalData) ? 2 : t == typeof(BotsPersonalData) ? 1 : 0).ThenBy(t => t.FullName, StringComparer.Ordinal);
}
