using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace ChatSphere.Tests.ServiceDefaults;

public sealed class WritingLogsTests
{
    [Theory]
    [InlineData("Development", null, "simple")]
    [InlineData("Production", null, "json")]
    [InlineData("Production", "simple", "simple")]
    [InlineData("Development", "systemd", "systemd")]
    public void Format_follows_the_environment_unless_one_is_configured(string environment, string? configured, string expected)
    {
        using var host = Build(environment, ("Logging:Console:FormatterName", configured));

        Assert.Equal(expected, host.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
    }

    [Fact]
    public void Json_lines_carry_utc_time_and_scopes_and_configuration_wins()
    {
        using var host = Build("Production", ("Logging:Console:FormatterOptions:IncludeScopes", "false"));

        var json = host.Services.GetRequiredService<IOptionsMonitor<JsonConsoleFormatterOptions>>().CurrentValue;
        Assert.True(json.UseUtcTimestamp);
        Assert.Equal("2026-01-02T03:04:05.678Z", new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc).ToString(json.TimestampFormat, System.Globalization.CultureInfo.InvariantCulture));
        Assert.False(json.IncludeScopes);
        var tracking = host.Services.GetRequiredService<IOptions<LoggerFactoryOptions>>().Value.ActivityTrackingOptions;
        Assert.Equal(ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId, tracking);
    }

    [Fact]
    public void Stopping_takes_ten_seconds_at_most()
    {
        using var host = Build("Production");

        var options = host.Services.GetRequiredService<IOptions<HostOptions>>().Value;
        Assert.Equal(TimeSpan.FromSeconds(10), options.ShutdownTimeout);
        Assert.True(options.ServicesStartConcurrently && options.ServicesStopConcurrently);
    }

    private static IHost Build(string environment, params (string Key, string? Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, s.Value)));
        builder.AddServiceDefaults();
        return builder.Build();
    }
}
