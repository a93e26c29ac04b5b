using ChatSphere.Data;
using ChatSphere.Data.Audit;

namespace ChatSphere.Worker.Modules.Audit;

/// <summary><c>ChatSphere.Worker verify-audit</c>: reads the whole chain and says whether it is whole.</summary>
public static class VerifyAudit
{
    /// <returns>0: whole. 1: not.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddServiceDefaults();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddChatSphereData();
        builder.AddBlobStore();
        builder.AddSecretBox();
        builder.AddAuditChain();
        using var host = builder.Build();
        await DatabaseSchema.EnsureCurrentAsync(host.Services, CancellationToken.None);
        var found = await host.Services.GetRequiredService<AuditVerifier>().VerifyAsync(CancellationToken.None);
        await output.WriteLineAsync(found.IsWhole
            ? $"Whole: {found.Events} events, {found.Checkpoints} checkpoints in the database and {found.FileCheckpoints} in the file; {found.Pending} events are not linked yet."
            : $"NOT whole: {found.Problem} at {found.FirstBadSeq}. {found.Detail} {found.Events} events before it are as they were written.");
        return found.IsWhole ? 0 : 1;
    }
}
