using ChatSphere.Data.Conversations;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Conversations;

public static class ConversationsModule
{
    public static IHostApplicationBuilder AddConversations(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHandler<ImportConversations, ImportQueued>();
        builder.Services.AddHostedService<ForgetTemporaryConversations>();
        return builder;
    }
}
