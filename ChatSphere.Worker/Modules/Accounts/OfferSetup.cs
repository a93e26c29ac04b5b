using System.Security.Cryptography;
using System.Text;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Worker.Modules.Accounts;

/// <summary>
/// As long as nobody is administrator, each start offers a way to become one: a token on the console, which only whoever runs the deployment can read. On the
/// console and not in the log, which is kept and sent elsewhere.
/// </summary>
public static class OfferSetup
{
    public const string ConfigurationKey = "Setup:Token";
    private const int MinLength = 20;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    public static async Task RunAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        if (await db.UserRoles.AnyAsync(r => r.RoleId == Role.AdministratorId && db.Users.Any(a => a.Id == r.UserId && a.DisabledAt == null), cancellationToken))
        {
            return;
        }

        var configured = scope.ServiceProvider.GetRequiredService<IConfiguration>()[ConfigurationKey];
        if (configured is { Length: > 0 and < MinLength })
        {
            throw new InvalidOperationException($"{ConfigurationKey} must have at least {MinLength} characters.");
        }

        var token = string.IsNullOrEmpty(configured) ? RandomNumberGenerator.GetString("ABCDEFGHJKMNPQRSTUVWXYZ23456789", 24) : configured;
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        await db.OneTimeTokens.Where(t => t.Purpose == OneTimePurposes.Setup).ExecuteDeleteAsync(cancellationToken);
        db.OneTimeTokens.Add(new OneTimeToken
        {
            Id = Guid.CreateVersion7(now),
            Purpose = OneTimePurposes.Setup,
            SecretHash = SHA256.HashData(Encoding.UTF8.GetBytes(token)),
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
        });
        await db.SaveChangesAsync(cancellationToken);
        if (string.IsNullOrEmpty(configured))
        {
            var site = scope.ServiceProvider.GetRequiredService<IOptions<SiteOptions>>().Value;
            Console.WriteLine($"Nobody is administrator yet. Sign in, open {site.At("/setup")} and enter this token: {token}");
        }
    }
}
