using System.Diagnostics;
using Microsoft.Playwright;

namespace ChatSphere.Journeys;

/// <summary>The system's Chromium, driven by Playwright. Playwright's own downloads are never used.</summary>
internal sealed class Browser : IAsyncDisposable
{
    // Quiet and alone: no sandbox, because tests often run as root, and no background traffic of the browser's own.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private readonly Troubles _troubles;

    private Browser(IPlaywright playwright, IBrowser browser, Troubles troubles) => (_playwright, _browser, _troubles) = (playwright, browser, troubles);

    /// <summary>Skips the journey, with the reason, when there is no Chromium and it may not be installed.</summary>
    public static async Task<Browser> OpenAsync(Troubles troubles, CancellationToken cancellationToken)
    {
        var program = Find() ?? await InstallAsync(cancellationToken);
        if (program is null)
        {
            Assert.Skip("No Chromium: none of chromium, chromium-browser, google-chrome is on PATH, and it cannot be installed without root or passwordless sudo. Install it with: sudo apt-get install chromium");
        }

        var playwright = await Playwright.CreateAsync();

        // The first visit to a page compiles it, beside whatever else the machine is testing.
        Assertions.SetDefaultExpectTimeout(20_000);
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Headless = true, Args = Arguments });
        return new(playwright, browser, troubles);
    }

    public async Task<IPage> NewPageAsync(IBrowserContext? context = null)
    {
        context ??= await _browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 }, Locale = "en-GB", ReducedMotion = ReducedMotion.Reduce });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        page.PageError += (_, error) => _troubles.Add("browser: " + error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _troubles.Add($"browser: {message.Type}: {message.Text}");
            }
        };
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        _troubles.Tell();
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static string? Find() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         from name in new[] { "chromium", "chromium-browser", "google-chrome" }
         let program = Path.Combine(folder, name)
         where folder.Length > 0 && File.Exists(program)
         select program).FirstOrDefault();

    private static async Task<string?> InstallAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists("/usr/bin/apt-get"))
        {
            return null;
        }

        var root = Environment.IsPrivilegedProcess;
        if (!root && await RunAsync("sudo", ["-n", "true"], cancellationToken) != 0)
        {
            return null;
        }

        string[] apt = ["apt-get", "install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", "chromium"];
        TestContext.Current.SendDiagnosticMessage("Installing Chromium for the browser journeys: {0}", string.Join(' ', apt));
        Console.WriteLine($"Installing Chromium for the browser journeys: {string.Join(' ', apt)}");
        string[] command = root ? ["env", "DEBIAN_FRONTEND=noninteractive", .. apt] : ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", .. apt];
        return await RunAsync(command[0], command[1..], cancellationToken) == 0 ? Find() : null;
    }

    private static async Task<int> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
            process.StandardInput.Close();
            await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
