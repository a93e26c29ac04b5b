using ChatSphere.Data.Privacy;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Privacy;

public static class PrivacyModule
{
    /// <summary>Exports, erasures and what grows old. Needs <c>AddChatSphereData</c>, <c>AddBlobStore</c> and <c>AddSecretBox</c>.</summary>
    public static IHostApplicationBuilder AddPrivacy(this IHostApplicationBuilder builder)
    {
        builder.AddPrivacyOptions();
        builder.AddPersonalData();
        builder.Services.AddHandler<MakeExport, DataExportRequested>();
        builder.Services.AddSingleton<EraseDueAccounts>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EraseDueAccounts>());
        builder.Services.AddSingleton<ApplyRetention>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ApplyRetention>());
        return builder;
    }
}
