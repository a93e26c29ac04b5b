using ChatSphere.AI.Chat.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
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
        builder.Services.AddOptions<AiOptions>().BindConfiguration(AiOptions.Section).ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AiOptions>, AiOptionsValidation>());
        builder.Services.TryAddSingleton(TimeProvider.System);
        if (OpenAiConnection.From(builder.Configuration) is { } connection)
        {
            builder.Services.AddSingleton<IChatProvider>(_ => new OpenAiProvider(connection));
        }

        builder.Services.TryAddSingleton<ModelCircuits>();
        builder.Services.TryAddSingleton<ModelCatalogue>();
        builder.Services.TryAddSingleton<TokenRatios>();
        builder.Services.TryAddSingleton<SideQuestions>();
        builder.Services.TryAddSingleton<IModelPrices, NoPrices>();
        builder.Services.TryAddSingleton<ModelCosts>();
        builder.Services.TryAddSingleton<AnswerWriter>();
        return builder;
    }
}
