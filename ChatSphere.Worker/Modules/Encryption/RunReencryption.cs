using ChatSphere.Data;
using ChatSphere.Data.Secrets;

namespace ChatSphere.Worker.Modules.Encryption;

/// <summary>The verb <c>reencrypt</c>, and with <c>--verify</c> only the look.</summary>
public static class RunReencryption
{
    /// <summary>0: nothing is left under another key, and content is as configured.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddServiceDefaults();
        builder.AddChatSphereData();
        builder.AddBlobStore();
        builder.AddSecretBox();
        builder.AddReencryption(inBackground: false);
        using var host = builder.Build();
        await host.StartAsync();
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await DatabaseSchema.EnsureCurrentAsync(host.Services, stopping);
        await EncryptionCheck.EnsureKeysAsync(host.Services, stopping);
        var reencryption = host.Services.GetRequiredService<Reencryption>();
        if (!args.Contains("--verify") && !await reencryption.RunAsync(stopping))
        {
            Console.WriteLine("Not finished: something is left, or another process is re-encrypting. Run it again.");
        }

        var left = await reencryption.CountAsync(stopping);
        foreach (var (what, count) in left)
        {
            Console.WriteLine($"{count,12}  {what}");
        }

        var total = left.Sum(l => l.Count);
        Console.WriteLine(total == 0
            ? $"Nothing is left. Secrets are under \"{host.Services.GetRequiredService<SecretBox>().ActiveKeyId}\"; the other keys may be removed."
            : $"{total} values are not as configured yet. Keep all keys.");
        await host.StopAsync();
        return total == 0 ? 0 : 1;
    }
}
