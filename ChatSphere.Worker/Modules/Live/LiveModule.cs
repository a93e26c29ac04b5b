using ChatSphere.Data.Communities;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.People;
using ChatSphere.Messaging;
using ChatSphere.Worker.Modules.Knowledge;

namespace ChatSphere.Worker.Modules.Live;

internal static class LiveModule
{
    /// <summary>Tells people's screens what background work changed. Before <c>AddKnowledge</c>, which brings a default that tells nobody.</summary>
    public static IHostApplicationBuilder AddLive(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DocumentAudience>();
        builder.Services.AddSingleton<IDocumentProgress, TellDocumentProgress>();
        builder.Services.AddHandler<TellDocumentCancelled, DocumentCancelled>();
        builder.Services.AddHandler<TellDocumentDeleted, DocumentDeleted>();
        builder.Services.AddHandler<TellRelationshipChanged, RelationshipChanged>();
        builder.Services.AddHandler<TellChannelAdvanced, MessagePosted>();
        builder.Services.AddHandler<TellChannelAdvanced, MessageEdited>();
        builder.Services.AddHandler<TellChannelAdvanced, MessageDeleted>();
        builder.Services.AddHandler<TellChannelAdvanced, MessageChanged>();
        return builder;
    }
}
