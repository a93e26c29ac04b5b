using ChatSphere.Data.Audit;
using ChatSphere.Data.Files;
using ChatSphere.Data.Messaging;
using ChatSphere.Data.Notifications;
using ChatSphere.Data.Secrets;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Data;

public static class DataRegistration
{
    public const string ConnectionName = "chatsphere";

    /// <summary><see cref="ChatSphereDb"/>, the data source beneath it, and the blob store.</summary>
    /// <param name="asOwner">For the migrate step: with all the rights of the login instead of the role <see cref="DatabaseRole"/>.</param>
    public static IHostApplicationBuilder AddChatSphereData(this IHostApplicationBuilder builder, bool asOwner = false)
    {
        var connectionString = builder.Configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"Set ConnectionStrings:{ConnectionName} to the PostgreSQL database.");

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddIdentitySchema();
        builder.Services.AddSingleton<OutboxInterceptor>();
        builder.Services.AddSingleton(services =>
        {
            var source = new NpgsqlDataSourceBuilder(connectionString);
            // Silent peers are found out, and a request never waits longer than this for a database that is away.
            source.ConnectionStringBuilder.Timeout = 5;
            source.ConnectionStringBuilder.CommandTimeout = 30;
            source.ConnectionStringBuilder.KeepAlive = 30;
            source.ConnectionStringBuilder.ApplicationName ??= builder.Environment.ApplicationName;
            var loggers = services.GetRequiredService<ILoggerFactory>();
            source.UseLoggerFactory(loggers);
            if (!asOwner && !DatabaseRole.TryUse(source.ConnectionStringBuilder, out var whyNot))
            {
                DatabaseRole.LogUnrestricted(loggers.CreateLogger(typeof(DatabaseRole)), whyNot!);
            }

            return source.Build();
        });
        var strict = builder.Environment.IsDevelopment();
        builder.Services.AddDbContextPool<ChatSphereDb>((services, options) => (strict ? options.ConfigureWarnings(Strictly) : options)
            .UseNpgsql(services.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.MigrationsHistoryTable("migrations", "public"))
            .ReplaceService<IModelCacheKeyFactory, ChatSphereDb.ModelKey>()
            .AddInterceptors(services.GetRequiredService<OutboxInterceptor>()));
        builder.Services.TryAddSingleton(services => services.GetService<SecretBox>() is { } box
            ? new ContentSeal(box, services.GetRequiredService<IOptions<EncryptionOptions>>().Value.Content)
            : ContentSeal.None);
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("postgres");
        builder.Services.AddOptions<SiteOptions>().BindConfiguration(SiteOptions.Section).ValidateDataAnnotations()
            .Validate(site => SiteOptions.IsOrigin(site.Origin), "Site:Origin must be a scheme, host and port and nothing more, such as https://chat.example.com.").ValidateOnStart();
        builder.Services.TryAddScoped<IActor, SystemActor>();
        builder.Services.AddScoped<AuditTrail>();
        builder.Services.AddScoped<MailOutbox>();
        return builder;
    }

    /// <summary>A query whose result depends on chance, or that multiplies its rows, is an error while it is written and tested; where people work it is a line in the log.</summary>
    private static void Strictly(WarningsConfigurationBuilder warnings) => warnings.Throw(
        CoreEventId.FirstWithoutOrderByAndFilterWarning, CoreEventId.RowLimitingOperationWithoutOrderByWarning, RelationalEventId.MultipleCollectionIncludeWarning);

    /// <summary>Identity reads from its options which tables the model has, so every program that uses the model must agree on them.</summary>
    internal static IServiceCollection AddIdentitySchema(this IServiceCollection services) =>
        services.Configure<IdentityOptions>(options => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3);

    public static IHostApplicationBuilder AddSecretBox(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<EncryptionOptions>().BindConfiguration(EncryptionOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<EncryptionOptions>, EncryptionOptions.Validation>();
        builder.Services.AddSingleton<SecretBox>();
        return builder;
    }

    /// <summary>The chain over the audit trail: linking, checking, keys. Needs the secret box and the storage folder.</summary>
    public static IHostApplicationBuilder AddAuditChain(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateDataAnnotations()
            .Validate(o => o.LinkEvery > TimeSpan.Zero && o.CheckpointAfter > TimeSpan.Zero, "Audit:LinkEvery and Audit:CheckpointAfter must be longer than nothing.").ValidateOnStart();
        builder.Services.AddSingleton<AuditKeys>();
        builder.Services.AddSingleton<CheckpointFile>();
        builder.Services.AddSingleton<AuditChain>();
        builder.Services.AddSingleton<AuditVerifier>();
        return builder;
    }

    public static IHostApplicationBuilder AddBlobStore(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<BlobStore>();
        return builder;
    }
}
