using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Data.Privacy;

public sealed class PrivacyOptions
{
    public const string Section = "Privacy";

    /// <summary>How long an account that is to be erased waits, disabled, in case it was a mistake or somebody else's doing.</summary>
    public TimeSpan ErasureGrace { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a finished export can be downloaded.</summary>
    public TimeSpan ExportLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often the Worker looks for accounts that are due.</summary>
    public TimeSpan ErasureInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the Worker deletes what is older than the rules say.</summary>
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromHours(1);
}

public static class PrivacyOptionsRegistration
{
    public static IHostApplicationBuilder AddPrivacyOptions(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<PrivacyOptions>().BindConfiguration(PrivacyOptions.Section)
            .Validate(o => o.ErasureGrace >= TimeSpan.Zero && o.ErasureGrace <= TimeSpan.FromDays(30), "Privacy:ErasureGrace must be between 0 and 30 days: erasing must not be put off for longer than a month.")
            .Validate(o => o.ExportLifetime > TimeSpan.Zero, "Privacy:ExportLifetime must be more than nothing.")
            .Validate(o => o.ErasureInterval > TimeSpan.Zero && o.RetentionInterval > TimeSpan.Zero, "Privacy:ErasureInterval and Privacy:RetentionInterval must be more than nothing.")
            .ValidateOnStart();
        return builder;
    }
}
