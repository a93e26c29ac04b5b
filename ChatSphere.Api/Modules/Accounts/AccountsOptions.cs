using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Api.Modules.Accounts;

public sealed class AccountsOptions
{
    public const string Section = "Accounts";

    /// <summary>Whether an e-mail must be confirmed before its account can sign in. Not set: where a mail server is configured (<c>Mail:Host</c>).</summary>
    public bool? RequireConfirmedEmail { get; set; }

    /// <summary>Rounds of PBKDF2-HMAC-SHA512. OWASP's advice is 210,000. A hash with fewer is made anew when its owner signs in.</summary>
    [Range(100_000, 10_000_000)]
    public int PasswordIterations { get; set; } = 210_000;

    public TimeSpan ConfirmationLifetime { get; set; } = TimeSpan.FromHours(24);

    public TimeSpan PasswordResetLifetime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Answers that must not tell whether an account exists take at least this long.</summary>
    public TimeSpan EvenTime { get; set; } = TimeSpan.FromMilliseconds(300);
}

/// <summary>How wrong passwords are slowed down. See docs/accounts.md.</summary>
public sealed class SignInProtectionOptions
{
    public const string Section = "SignInProtection";

    /// <summary>Wrong passwords for one account from strange networks, all together, before the first wait.</summary>
    [Range(1, 1_000_000)]
    public int FreeFromStrangers { get; set; } = 5;

    /// <summary>The same from one network that the account has signed in from.</summary>
    [Range(1, 1_000_000)]
    public int FreeFromKnownNetwork { get; set; } = 20;

    /// <summary>Wrong passwords from one strange network, whatever the account.</summary>
    [Range(1, 1_000_000)]
    public int FreeFromNetwork { get; set; } = 50;

    /// <summary>The first wait; each further wrong password doubles it.</summary>
    public TimeSpan FirstWait { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>An account's count starts over when nothing was tried for this long.</summary>
    public TimeSpan ForgetAccountAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>A network's count starts over when nothing was tried for this long: many people may share it.</summary>
    public TimeSpan ForgetNetworkAfter { get; set; } = TimeSpan.FromHours(1);
}
