using System.ComponentModel.DataAnnotations;
using ChatSphere.Data.Conversations;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Conversations;

public sealed class ImportOptions
{
    public const string Section = "Imports";

    /// <summary>How long a Worker that reads an export may be silent before another one begins it anew. It says that it is alive every second, between two conversations.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00", ErrorMessage = "Set Imports:Lease to between 00:00:05 and 01:00:00.")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);
}

public static class ConversationsModule
{
    public static IHostApplicationBuilder AddConversations(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ImportOptions>().BindConfiguration(ImportOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHandler<ImportConversations, ImportQueued>();
        builder.Services.AddHostedService<ForgetTemporaryConversations>();
        return builder;
    }
}
