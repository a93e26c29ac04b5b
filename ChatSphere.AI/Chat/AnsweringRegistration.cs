using ChatSphere.AI.Chat.Providers;
using ChatSphere.Data.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ChatSphere.AI.Chat;

public static class AnsweringRegistration
{
    /// <summary>
    /// <see cref="AnswerWriter"/> and <see cref="ModelCatalogue"/>. Reads the section <c>AI</c> and <c>ConnectionStrings:openai</c>; further <see cref="IChatProvider"/>s may be registered
    /// beside it.
    /// </summary>
    public static IHostApplicationBuilder AddAnswering(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddModelConnections();
        builder.Services.TryAddSingleton<TokenRatios>();
        builder.Services.TryAddSingleton<SideQuestions>();
        builder.Services.TryAddSingleton<IModelPrices>(services => services.GetRequiredService<ModelCatalogue>());
        builder.Services.TryAddSingleton<ModelCosts>();
        builder.Services.TryAddSingleton<AnswerWriter>();
        return builder;
    }

    /// <summary>What chat and embeddings have in common: the connections of the configuration, what is known of models, and which of them are down. May be called twice.</summary>
    public static IHostApplicationBuilder AddModelConnections(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(s => s.ServiceType == typeof(ModelCatalogue)))
        {
            return builder;
        }

        builder.AddModelHttp();
        if (OpenAiConnection.From(builder.Configuration) is { } connection)
        {
            builder.Services.AddSingleton(services => Configured(
                services, new(ProviderKind.OpenAi, OpenAiConnection.ConnectionName, connection.Endpoint) { DefaultModel = connection.Model }, [connection.Key], priority: 0));
        }

        builder.Services.TryAddSingleton<ModelCircuits>();
        builder.Services.TryAddSingleton<ModelCatalogue>();
        return builder;
    }

    /// <summary>The connections that administrators and users make while the system runs. Needs <c>AddChatSphereData</c> and <c>AddSecretBox</c>.</summary>
    public static IHostApplicationBuilder AddProviderConnections(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddModelHttp();
        builder.Services.TryAddSingleton<ProviderConnections>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ProviderConnections>());
        return builder;
    }

    internal static ModelConnection Configured(IServiceProvider services, ProviderSettings settings, IReadOnlyList<string> keys, int priority)
    {
        var factory = services.GetRequiredService<ProviderFactory>();
        var logger = services.GetRequiredService<ILogger<ModelCatalogue>>();
        IReadOnlyList<string> all = keys.Count == 0 ? [""] : keys;
        return new(settings.Name, [.. all.Select((key, i) => new ConnectionKey(all.Count == 1 ? "" : $"{i + 1}", factory.Open(settings, key)))], services.GetRequiredService<TimeProvider>(), logger)
        {
            Kind = settings.Kind,
            Settings = settings,
            Priority = priority,
            Named = settings.Models,
            DefaultModel = settings.DefaultModel,
        };
    }

    private static void AddModelHttp(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AiOptions>().BindConfiguration(AiOptions.Section).ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AiOptions>, AiOptionsValidation>());
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(services => new ModelHttp(
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<IOptions<AiOptions>>().Value.EntraAuthority, services.GetService<PublicConnect>()));
        builder.Services.TryAddSingleton<ProviderFactory>();
    }
}
