using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Data.Plans;

public sealed class PlansOptions
{
    public const string Section = "Plans";
    public const string SecretPrefix = "whsec_";

    /// <summary>False: nobody has limits and nothing is counted; plans are for show.</summary>
    public bool Enforced { get; set; } = true;

    /// <summary>Where people pay for a plan; <c>{plan}</c> and <c>{account}</c> in it are replaced. Empty: they are told to ask an administrator.</summary>
    public string? CheckoutUrl { get; set; }

    /// <summary>
    /// <c>whsec_</c> and 24 to 64 bytes in base64, as the payment provider shows them. Any of them is good, so that a new one can be added before the old one goes.
    /// Empty: no message of a payment provider is taken.
    /// </summary>
    public List<string> WebhookSecrets { get; set; } = [];

    /// <summary>How long a plan goes on while a payment is due.</summary>
    public TimeSpan PastDueGrace { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often the Worker looks for what is due.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Null for what is no secret.</summary>
    public static byte[]? Key(string secret)
    {
        var bytes = new byte[64];
        return secret.StartsWith(SecretPrefix, StringComparison.Ordinal) && Convert.TryFromBase64String(secret[SecretPrefix.Length..], bytes, out var length) && length >= 24 ? bytes[..length] : null;
    }
}

public static class PlansRegistration
{
    /// <summary><see cref="IUsageGate"/> and what plans are configured by.</summary>
    public static IHostApplicationBuilder AddUsageGate(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<PlansOptions>().BindConfiguration(PlansOptions.Section).ValidateDataAnnotations()
            .Validate(o => o.WebhookSecrets.TrueForAll(s => PlansOptions.Key(s) is not null), "Each of Plans:WebhookSecrets must be whsec_ and 24 to 64 bytes in base64.")
            .Validate(o => string.IsNullOrEmpty(o.CheckoutUrl) || (Uri.TryCreate(o.CheckoutUrl, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"), "Plans:CheckoutUrl must be an absolute http or https address.")
            .Validate(o => o.PastDueGrace >= TimeSpan.Zero && o.Every > TimeSpan.Zero, "Plans:PastDueGrace must not be negative, and Plans:Every must be more than nothing.")
            .ValidateOnStart();
        builder.Services.AddScoped<IUsageGate, UsageGate>();
        return builder;
    }
}
