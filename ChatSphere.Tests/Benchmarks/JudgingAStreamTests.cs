using System.Text;
using ChatSphere.Benchmarks.Load;

namespace ChatSphere.Tests.Benchmarks;

/// <summary>A load test that overlooks a broken stream is worse than none.</summary>
public sealed class JudgingAStreamTests
{
    [Fact]
    public async Task Whole_stream_passes()
    {
        var outcome = await ReadAsync("sources|{\"sources\":[]}", "delta|{\"offset\":0,\"text\":\"Hé\"}", "delta|{\"offset\":2,\"text\":\" you\"}", "done|{}");

        Assert.Null(outcome.Failure);
        Assert.Equal(2, outcome.Deltas);
        Assert.NotNull(outcome.FirstDelta);
    }

    [Theory]
    [InlineData("a stream cut off", "delta|{\"offset\":0,\"text\":\"a\"}")]
    [InlineData("a piece lost", "delta|{\"offset\":0,\"text\":\"a\"}", "delta|{\"offset\":2,\"text\":\"c\"}", "done|{}")]
    [InlineData("a piece after the end", "done|{}", "delta|{\"offset\":0,\"text\":\"a\"}")]
    [InlineData("a number left out", "sources|{}", "", "done|{}")]
    [InlineData("a refusal", "failed|{\"code\":\"provider_unavailable\"}")]
    public async Task Everything_else_fails(string what, params string[] events)
    {
        var outcome = await ReadAsync(events);

        Assert.True(outcome.Failure is not null, what);
    }

    private static async Task<TurnOutcome> ReadAsync(params string[] events)
    {
        var text = new StringBuilder(": keep-alive\n\n");
        for (var i = 0; i < events.Length; i++)
        {
            if (events[i].Length == 0)
            {
                continue;
            }

            var (name, data) = events[i].Split('|', 2) is [var a, var b] ? (a, b) : default;
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"id: {i + 1}\nevent: {name}\ndata: {data}\n\n");
        }

        var outcome = new TurnOutcome();
        outcome.Start();
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
        await outcome.ReadAsync(body, TestContext.Current.CancellationToken);
        return outcome;
    }
}
