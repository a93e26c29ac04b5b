using ChatSphere.Data;

namespace ChatSphere.Worker.Modules.Audit;

internal static class AuditModule
{
    /// <summary>Keeps the chain over the audit trail. Needs <c>AddSecretBox</c> and <c>AddBlobStore</c>.</summary>
    public static IHostApplicationBuilder AddAudit(this IHostApplicationBuilder builder)
    {
        builder.AddAuditChain();
        builder.Services.AddSingleton<LinkAuditEvents>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LinkAuditEvents>());
        builder.Services.AddHealthChecks().AddCheck<AuditHealthCheck>("audit", tags: ["detail"]);
        return builder;
    }
}
