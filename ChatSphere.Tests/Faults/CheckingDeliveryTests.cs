using System.Diagnostics;
using System.Globalization;
using ChatSphere.Benchmarks.Checker;
using ChatSphere.Data.Communities;
using ChatSphere.Tests.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Faults;

/// <summary>
/// Clients write in a channel while everything that it needs is killed, paused, stopped and started again; then what they were told is held against what is stored and what
/// others heard. A minute; <c>CHATSPHERE_CHECKER_MINUTES</c> and <c>CHATSPHERE_CHECKER_SEED</c> make it longer and another.
/// </summary>
public sealed class CheckingDeliveryTests(BreakableApp app, ITestOutputHelper output) : IClassFixture<BreakableApp>
{
    [Fact]
    public async Task Whatever_breaks_nothing_that_was_acknowledged_is_lost_doubled_or_out_of_order()
    {
        var minutes = int.Parse(Environment.GetEnvironmentVariable("CHATSPHERE_CHECKER_MINUTES") ?? "1", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("CHATSPHERE_CHECKER_SEED") ?? "5", CultureInfo.InvariantCulture);
        var people = new List<Person>();
        for (var i = 0; i < 8; i++)
        {
            people.Add(await app.SomebodyAsync());
        }

        var channel = (await people[0].HasServerAsync([.. people.Skip(1)])).General();
        var members = people.ConvertAll(p => new CheckedMember(p.Account.DisplayName, p.Client, TokenOf(p, p.Tokens.ExpiresIn)));
        var run = new CheckerRun(channel, members[..4], members[4..7], seed)
        {
            Leaving = (members[7], _ => app.DeniesAsync(channel, people[7].Account.Id, OverwriteTarget.Member, ServerPermissions.ViewChannel)),
        };
        var broken = new List<string>();
        var wrong = await run.RunAsync(TimeSpan.FromMinutes(minutes), over => BreakAsync(new Random(seed), broken, over), TestContext.Current.CancellationToken);
        output.WriteLine($"{run.Deeds} deeds, {run.Unanswered} without an answer; broken: {string.Join(", ", broken)}");
        Assert.True(wrong.Count == 0, $"Seed {seed}, broken: {string.Join(", ", broken)}\n{string.Join('\n', wrong.Take(40))}");
        Assert.True(run.Deeds > 100 && broken.Count > 1, $"Only {run.Deeds} deeds, and {broken.Count} faults.");
    }

    private static Func<CancellationToken, Task<string>> TokenOf(Person person, int expiresIn)
    {
        var renew = Stopwatch.StartNew();
        return async _ =>
        {
            if (renew.Elapsed > TimeSpan.FromSeconds(expiresIn / 2.0))
            {
                renew.Restart();
                await person.SignInAgainAsync();
            }

            return person.Tokens.AccessToken;
        };
    }

    private async Task BreakAsync(Random random, List<string> broken, CancellationToken over)
    {
        // Each of them once in an order of the seed's, and then again.
        (string Name, Func<Task> Do)[] faults =
        [
            ("api killed", () => app.KillAsync("api")),
            ("api paused", () => PauseAsync("api", TimeSpan.FromSeconds(4))),
            ("worker killed", () => app.KillAsync("worker")),
            ("worker paused", () => PauseAsync("worker", TimeSpan.FromSeconds(4))),
            ("redis away", () => BounceAsync("redis")),
            ("rabbitmq away", () => BounceAsync("rabbitmq")),
            ("postgres away", () => BounceAsync("postgres")),
        ];
        while (!over.IsCancellationRequested)
        {
            random.Shuffle(faults);
            foreach (var (name, act) in faults)
            {
                await Task.Delay(random.Next(1_000, 3_000), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (over.IsCancellationRequested)
                {
                    return;
                }

                await act();
                broken.Add(name);
            }
        }
    }

    private async Task BounceAsync(string resource)
    {
        await app.StopAsync(resource);
        await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None);
        await app.StartAsync(resource);
    }

    private async Task PauseAsync(string resource, TimeSpan pause)
    {
        var pid = await app.ProcessOfAsync(resource);
        await SignalAsync("STOP", pid);
        await Task.Delay(pause, CancellationToken.None);
        await SignalAsync("CONT", pid);
    }

    private static async Task SignalAsync(string signal, int pid)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CancellationToken.None);
        Assert.Equal(0, kill.ExitCode);
    }
}
