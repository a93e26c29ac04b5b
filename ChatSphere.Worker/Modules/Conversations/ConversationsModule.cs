namespace ChatSphere.Worker.Modules.Conversations;

public static class ConversationsModule
{
    public static IHostApplicationBuilder AddConversations(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHostedService<ForgetTemporaryConversations>();
        return builder;
    }
}
