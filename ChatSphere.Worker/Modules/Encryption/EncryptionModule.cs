using ChatSphere.Data.Privacy;
using ChatSphere.Data.Secrets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ChatSphere.Worker.Modules.Encryption;

public static class EncryptionModule
{
    /// <summary>Needs <c>AddChatSphereData</c>, <c>AddBlobStore</c> and <c>AddSecretBox</c>.</summary>
    public static IHostApplicationBuilder AddReencryption(this IHostApplicationBuilder builder, bool inBackground = true)
    {
        builder.Services.TryAddSingleton<PurgeJournal>();
        builder.Services.TryAddSingleton<ExportFiles>();
        builder.Services.AddSingleton<Reencryption>();
        if (inBackground && builder.Configuration.GetValue($"{EncryptionOptions.Section}:{nameof(EncryptionOptions.Reencrypt)}", true))
        {
            builder.Services.AddHostedService<ReencryptInBackground>();
        }

        return builder;
    }
}
