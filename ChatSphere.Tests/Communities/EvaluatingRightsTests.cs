using ChatSphere.Data.Communities;

namespace ChatSphere.Tests.Communities;

/// <summary>The rules of rights against an evaluator of the tests' own, on more than a million cases.</summary>
public sealed class EvaluatingRightsTests
{
    private const int Servers = 20_400;
    private const int Seed = 20_261_121;

    [Fact]
    public void A_million_cases_are_decided_as_the_description_says()
    {
        var evaluated = 0L;
        Parallel.For(0, Servers, i =>
        {
            var c = RightsCase.Random(new Random(Seed + i));
            var server = c.ToSnapshot();
            foreach (var member in c.Members)
            {
                var facts = new MemberFacts(member.Id, member.Roles, member.TimedOutUntil);
                Same(i, RightsOracle.InServer(c, member), PermissionRules.InServer(server, facts, RightsCase.Now));
                foreach (var channel in c.Channels)
                {
                    foreach (var inThread in (ReadOnlySpan<bool>)[false, true])
                    {
                        Same(i, RightsOracle.InChannel(c, member, channel, inThread), PermissionRules.InChannel(server, facts, channel.Id, inThread, RightsCase.Now));
                    }
                }

                foreach (var other in c.Members)
                {
                    Assert.True(
                        RightsOracle.OutRanks(c, member, other) == PermissionRules.OutRanks(server, facts, new MemberFacts(other.Id, other.Roles, null)), $"Seed {Seed + i}: who stands above whom");
                }
            }

            Interlocked.Add(ref evaluated, c.Members.Length * c.Channels.Length * 2);
        });
        Assert.True(evaluated >= 1_000_000, $"Only {evaluated} cases.");

        static void Same(int i, long expected, ServerPermissions actual) => Assert.True(expected == (long)actual, $"Seed {Seed + i}: expected {expected}, and it is {(long)actual}");
    }

    /// <summary>Each of these would be noticed, and soon: were our code wrong in this way, the test above would fail.</summary>
    [Theory]
    [MemberData(nameof(Mistakes))]
    public void No_mistake_goes_unnoticed(Mistake mistake)
    {
        for (var i = 0; i < 200; i++)
        {
            var c = RightsCase.Random(new Random(Seed + i));
            var server = c.ToSnapshot();
            foreach (var member in c.Members)
            {
                var facts = new MemberFacts(member.Id, member.Roles, member.TimedOutUntil);
                foreach (var channel in c.Channels)
                {
                    foreach (var inThread in (ReadOnlySpan<bool>)[false, true])
                    {
                        if (RightsOracle.InChannel(c, member, channel, inThread, mistake) != (long)PermissionRules.InChannel(server, facts, channel.Id, inThread, RightsCase.Now))
                        {
                            return;
                        }
                    }
                }
            }
        }

        Assert.Fail($"{mistake} makes no difference in 200 servers.");
    }

    public static TheoryData<Mistake> Mistakes => [.. Enum.GetValues<Mistake>().Where(m => m != Mistake.None)];

    [Theory]
    [InlineData("0", true)]
    [InlineData("1024", true)]
    [InlineData("-1", false)]
    [InlineData("1e3", false)]
    [InlineData("1.0", false)]
    [InlineData("01", false)]
    [InlineData("+1", false)]
    [InlineData(" 1", false)]
    [InlineData("", false)]
    [InlineData("9223372036854775807", false)]
    [InlineData("9223372036854775808", false)]
    [InlineData("18446744073709551616", false)]
    [InlineData("512", false)]
    [InlineData("１", false)]
    public void Only_bits_that_exist_are_read_as_rights(string wire, bool isRead) => Assert.Equal(isRead, ServerPermissionNames.TryParse(wire, out _));
}
