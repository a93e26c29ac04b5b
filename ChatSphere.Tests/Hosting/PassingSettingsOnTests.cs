using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Resources;
using Aspire.Hosting.Testing;

namespace ChatSphere.Tests.Hosting;

/// <summary>What is given to the AppHost reaches those that read it, and nobody else.</summary>
public sealed partial class PassingSettingsOnTests
{
    private static readonly string[] Given =
    [
        "--AI:DefaultModel=one", "--AI:Fallback:0=two", "--Tools:AllowPrograms=true", "--Budgets:KeepUsageDays=30", "--Turns:History=10", "--RateLimits:Turns=7", "--Attachments:MaxFiles=3", "--Mail:Host=mail.example.com",
        "--Mail:Password=secret", "--Accounts:Registration=closed", "--SignIn:Google:ClientId=x", "--Plans:Default=free", "--Proxies:Networks:0=10.0.0.0/8", "--Cors:Origins:0=https://app.example.com",
        "--Encryption:Keys:old=k", "--Knowledge:MaxPages=9", "--Uploads:MaxFiles=",
    ];

    [Theory]
    [InlineData("api", "AI__DefaultModel AI__Fallback__0 Tools__AllowPrograms Budgets__KeepUsageDays Turns__History RateLimits__Turns Attachments__MaxFiles Mail__Host Accounts__Registration SignIn__Google__ClientId Plans__Default Proxies__Networks__0 Cors__Origins__0 Encryption__Keys__old Knowledge__MaxPages")]
    [InlineData("worker", "AI__DefaultModel AI__Fallback__0 Budgets__KeepUsageDays Attachments__MaxFiles Mail__Host Mail__Password Plans__Default Encryption__Keys__old Knowledge__MaxPages")]
    [InlineData("web", "Proxies__Networks__0 Encryption__Keys__old")]
    [InlineData("migrate", "Encryption__Keys__old")]
    public async Task Each_service_gets_the_sections_that_it_reads(string service, string names)
    {
        var expected = names.Split(' ').Order(StringComparer.Ordinal);
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ChatSphere_AppHost>(Given, TestContext.Current.CancellationToken);
        var values = await EnvironmentAsync(builder.Resources.Single(r => r.Name == service));
        var ours = Given.Select(g => g[2..].Split('=')[0].Replace(":", "__", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(expected, values.Keys.Where(ours.Contains).Order(StringComparer.Ordinal));
        Assert.All(values.Where(v => ours.Contains(v.Key)), v => Assert.Contains($"--{v.Key.Replace("__", ":", StringComparison.Ordinal)}={v.Value}", Given));
    }

    [Fact]
    public void Every_section_that_a_service_reads_is_passed_on()
    {
        // Site and storage are the AppHost's own to say.
        var passed = Passed().Matches(File.ReadAllText(Path.Combine(Repository.Root, "ChatSphere.AppHost/AppHost.cs"))).Select(m => m.Groups[1].Value).Concat(["Site", "Storage"]).ToHashSet(StringComparer.Ordinal);
        string[] services = ["Api", "Worker", "Web", "Data", "AI", "Messaging", "ServiceDefaults"];
        var read = services.SelectMany(s => Directory.EnumerateFiles(Path.Combine(Repository.Root, $"ChatSphere.{s}"), "*.cs", SearchOption.AllDirectories))
            .SelectMany(f => Section().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value.Split(':')[0]).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Contains("Turns", read);
        Assert.Equal([], read.Where(s => !passed.Contains(s)));
    }

    [GeneratedRegex("^ +\\(\"([A-Za-z]+)\", \\[", RegexOptions.Multiline)]
    private static partial Regex Passed();

    [GeneratedRegex("const string Section = \"([A-Za-z:]+)\"")]
    private static partial Regex Section();

    /// <summary>What is written down as text; what is known only when it runs is passed over.</summary>
    private static async Task<Dictionary<string, string>> EnvironmentAsync(IResource resource)
    {
        var context = new EnvironmentCallbackContext(new(DistributedApplicationOperation.Run), resource, [], TestContext.Current.CancellationToken);
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallback>())
        {
            try
            {
                await callback.Callback(context);
            }
            catch (InvalidOperationException)
            {
                // An address that there is none of before it runs.
            }
        }

        return context.EnvironmentVariables.Where(v => v.Value is string).ToDictionary(v => v.Key, v => (string)v.Value, StringComparer.Ordinal);
    }
}
