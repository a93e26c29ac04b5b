using ChatSphere.Data.Communities;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.CommunitySearch;

internal static class CommunitySearchModule
{
    public static IHostApplicationBuilder AddCommunitySearch(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<MessageIndex>();
        builder.Services.AddHandler<IndexPostedMessage, MessagePosted>();
        builder.Services.AddHandler<IndexEditedMessage, MessageEdited>();
        builder.Services.AddHostedService<IndexMissingMessages>();
        return builder;
    }
}
