using ChatSphere.Web.Clients;

namespace ChatSphere.Web.Hosting;

public static class ApiClients
{
    public static void AddApiClients(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        var address = new Uri("https+http://api/");
        services.AddHttpClient(ApiTransport.ClientName, client =>
        {
            client.BaseAddress = address;
            client.Timeout = TimeSpan.FromSeconds(40);
        });
        services.AddHttpClient(ApiTransport.StreamClientName, client =>
        {
            client.BaseAddress = address;
            client.Timeout = Timeout.InfiniteTimeSpan;
        }).RemoveAllResilienceHandlers().ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), MaxConnectionsPerServer = int.MaxValue });

        services.AddHttpContextAccessor();
        services.AddSingleton<ApiTransport>();
        services.AddSingleton<LiveFeeds>();
        services.AddScoped<ApiCalls>();
        services.AddScoped<AccountsClient>();
        services.AddScoped<AuditClient>();
        services.AddScoped<ModelsClient>();
        services.AddScoped<AdminClient>();
        services.AddScoped<BotsClient>();
        services.AddScoped<ServersClient>();
        services.AddScoped<CommunityClient>();
        services.AddScoped<BotProductsClient>();
        services.AddScoped<SharingClient>();
        services.AddScoped<PeopleClient>();
        services.AddScoped<PrivacyClient>();
        services.AddMemoryCache();
        services.AddSingleton<PolicyTexts>();
        services.AddScoped<ContextClient>();
        services.AddScoped<KnowledgeClient>();
        services.AddScoped<ConversationsClient>();
        services.AddScoped<PromptsClient>();
        services.AddScoped<AiHelpClient>();
        services.AddScoped<LiveClient>();
        services.AddScoped<NotificationsClient>();
        services.AddScoped<PlansClient>();
        services.AddScoped<ToolsClient>();
        services.AddScoped<BudgetsClient>();
    }
}
