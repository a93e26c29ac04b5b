using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Providers;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.ServiceDefaults.Outbound;

namespace ChatSphere.Api.Modules.Models;

internal static class ModelsModule
{
    public static IHostApplicationBuilder AddModels(this IHostApplicationBuilder builder)
    {
        builder.AddUntrustedHttp();
        builder.Services.AddSingleton<PublicConnect>(services => services.GetRequiredService<UntrustedHttp>().ConnectPublicAsync);
        builder.AddProviderConnections();
        builder.Services.AddSingleton<ProviderTrial>();
        builder.Services.AddScoped<ProviderChange>();
        builder.Services.AddScoped<AskerModels>();
        builder.Services.AddScoped<IPrepareAnswer, ChooseModels>();
        builder.Services.AddScoped<IFinishAnswer, KeepRoute>();
        return builder;
    }

    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder v1)
    {
        var all = v1.MapGroup("/admin/providers").WithTags("Models").Requires(Permissions.AiManage);
        all.MapGet("", ListProviders.AllAsync).WithName("ListProviders").WithSummary("Connections to providers of models, those of the configuration too");
        all.MapPost("", CreateProvider.ForAllAsync).RequiresRecentAuthentication().WithName("CreateProvider").WithSummary("Connect a provider for everybody; it is tried first").ProducesProblem(409).ProducesProblem(422);
        all.MapGet("/{providerId:guid}", GetProvider.AnyAsync).WithName("GetProvider").WithSummary("One connection").ProducesProblem(404);
        all.MapPatch("/{providerId:guid}", UpdateProvider.AnyAsync).RequiresRecentAuthentication().WithName("UpdateProvider").WithSummary("Change what is given; every node knows within seconds").ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        all.MapDelete("/{providerId:guid}", DeleteProvider.AnyAsync).RequiresRecentAuthentication().WithName("DeleteProvider").WithSummary("Disconnect a provider and forget its keys").ProducesProblem(404).ProducesProblem(409);
        all.MapPost("/{providerId:guid}/test", TestProvider.AnyAsync).WithName("TestProvider").WithSummary("Try it with each of its keys").ProducesProblem(404);

        var own = v1.MapGroup("/providers").WithTags("Models").Requires(Permissions.AccountManage);
        own.MapGet("", ListProviders.MineAsync).WithName("ListMyProviders").WithSummary("Providers that I have connected with keys of my own").ProducesProblem(402).ProducesProblem(403);
        own.MapPost("", CreateProvider.ForMeAsync).RequiresRecentAuthentication().WithName("CreateMyProvider").WithSummary("Connect a provider with a key of my own, for my questions only; it is tried first").ProducesProblem(402).ProducesProblem(403).ProducesProblem(409).ProducesProblem(422);
        own.MapGet("/{providerId:guid}", GetProvider.MineAsync).WithName("GetMyProvider").WithSummary("One of my connections").ProducesProblem(404);
        own.MapPatch("/{providerId:guid}", UpdateProvider.MineAsync).RequiresRecentAuthentication().WithName("UpdateMyProvider").WithSummary("Change what is given").ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        own.MapDelete("/{providerId:guid}", DeleteProvider.MineAsync).RequiresRecentAuthentication().WithName("DeleteMyProvider").WithSummary("Disconnect it and forget its keys").ProducesProblem(404);
        own.MapPost("/{providerId:guid}/test", TestProvider.MineAsync).WithName("TestMyProvider").WithSummary("Try it with each of its keys").ProducesProblem(404);

        var models = v1.MapGroup("/admin/models").WithTags("Models").Requires(Permissions.AiManage);
        models.MapGet("", ModelSettings.ListAsync).WithName("ListModelSettings").WithSummary("All models with their room, abilities, prices, and who may use them");
        models.MapPut("", ModelSettings.PutAsync).WithName("PutModel").WithSummary("Say what holds for a model; every node knows within seconds");
        models.MapDelete("", ModelSettings.DeleteAsync).WithName("DeleteModelSetting").WithSummary("Go back to what is known of the model's family").ProducesProblem(404);

        var embeddings = v1.MapGroup("/admin/embeddings").WithTags("Models").Requires(Permissions.AiManage);
        embeddings.MapGet("", GetEmbeddings.HandleAsync).WithName("GetEmbeddings").WithSummary("Which embedding model is searched, which is being introduced, and which there are");
        embeddings.MapPut("", ChooseEmbeddings.HandleAsync).WithName("ChooseEmbeddings").WithSummary("Choose an embedding model: it is tried, all passages are embedded anew, and then searches use it").ProducesProblem(409);
        embeddings.MapDelete("/rebuild", CancelEmbeddings.HandleAsync).WithName("CancelEmbeddings").WithSummary("Give up the model that is being introduced").ProducesProblem(404);
        return v1;
    }
}
