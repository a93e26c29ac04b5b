using ChatSphere.Data.Notifications;

namespace ChatSphere.Tests.Notifications;

public sealed class NotificationRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 27, 12, 0, 0, TimeSpan.Zero);

    private static PlaceWish Wish(string? wish) => wish switch
    {
        "all" => new(NotificationLevel.All, null),
        "mentions" => new(NotificationLevel.Mentions, null),
        "nothing" => new(NotificationLevel.Nothing, null),
        "muted" => new(null, Noon.AddMinutes(1)),
        "was muted" => new(null, Noon),
        "all, muted" => new(NotificationLevel.All, Noon.AddDays(1)),
        _ => default,
    };

    [Theory]

    // The narrowest level that is set counts.
    [InlineData(NotificationKind.Mention, null, null, Telling.Fully)]
    [InlineData(NotificationKind.Message, null, null, Telling.Nothing)]
    [InlineData(NotificationKind.Message, null, "all", Telling.Fully)]
    [InlineData(NotificationKind.Message, "mentions", "all", Telling.Nothing)]
    [InlineData(NotificationKind.Mention, "nothing", "all", Telling.Nothing)]
    [InlineData(NotificationKind.Mention, "mentions", "nothing", Telling.Fully)]
    [InlineData(NotificationKind.Thread, "all", "nothing", Telling.Fully)]
    [InlineData(NotificationKind.Direct, "nothing", null, Telling.Nothing)]
    [InlineData(NotificationKind.Keyword, null, "mentions", Telling.Fully)]

    // A mute anywhere mutes, until it is over.
    [InlineData(NotificationKind.Mention, null, "muted", Telling.Nothing)]
    [InlineData(NotificationKind.Mention, "all", "muted", Telling.Nothing)]
    [InlineData(NotificationKind.Mention, "all, muted", null, Telling.Nothing)]
    [InlineData(NotificationKind.Mention, null, "was muted", Telling.Fully)]

    // Reactions never interrupt.
    [InlineData(NotificationKind.Reaction, null, null, Telling.Quietly)]
    [InlineData(NotificationKind.Reaction, null, "nothing", Telling.Nothing)]
    public void Channel_and_server_decide(NotificationKind kind, string? channel, string? server, Telling telling) =>
        Assert.Equal(telling, NotificationRules.Decide(kind, [Wish(channel), Wish(server)], [], null, TimeZoneInfo.Utc, Noon));

    [Fact]
    public void A_kind_that_is_off_is_off_everywhere() =>
        Assert.Equal(Telling.Nothing, NotificationRules.Decide(NotificationKind.Reply, [Wish("all")], ["Reply", "Reaction"], null, TimeZoneInfo.Utc, Noon));

    [Theory]
    [InlineData("UTC", 600, 780, true)]
    [InlineData("UTC", 720, 721, true)]
    [InlineData("UTC", 719, 720, false)]
    [InlineData("UTC", 1320, 420, false)]
    [InlineData("Asia/Tokyo", 1260, 420, true)]
    [InlineData("Europe/Berlin", 780, 785, true)]
    [InlineData("Europe/Berlin", 720, 780, false)]
    [InlineData("UTC", 720, 720, false)]
    public void Quiet_hours_are_of_the_persons_day_and_may_go_over_midnight(string zone, int from, int until, bool quiet)
    {
        Assert.Equal(quiet, NotificationRules.IsQuiet((from, until), NotificationRules.ZoneOf(zone), Noon));
        Assert.Equal(quiet ? Telling.Quietly : Telling.Fully, NotificationRules.Decide(NotificationKind.Mention, [], [], (from, until), NotificationRules.ZoneOf(zone), Noon));
    }

    [Theory]
    [InlineData("Our new queen bee is here", true)]
    [InlineData("QUEEN BEE!", true)]
    [InlineData("a beekeeper's queen", false)]
    [InlineData("queen beeswax", false)]
    [InlineData("queen beeswax, queen bee", true)]
    [InlineData("", false)]
    public void Keywords_are_whole_words(string text, bool has) => Assert.Equal(has, NotificationRules.HasKeyword(text, ["queen bee"]));

    [Fact]
    public void Unknown_time_zones_are_UTC() => Assert.Equal(TimeZoneInfo.Utc, NotificationRules.ZoneOf("Moon/Tranquility"));
}
