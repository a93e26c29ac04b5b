extern alias web;

using ChatSphere.Contracts.Communities;
using web::ChatSphere.Web.Components.Pages.Communities;

namespace ChatSphere.Tests.Web;

/// <summary>What a screen holds of a channel is what the channel holds, whatever got lost on the way.</summary>
public sealed class HoldingAChannelTests
{
    private static readonly Guid Me = Guid.NewGuid();
    private static readonly Guid Other = Guid.NewGuid();
    private static readonly Guid Channel = Guid.NewGuid();
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_being_sent_is_shown_at_once_and_becomes_the_message_whichever_way_it_comes_first()
    {
        foreach (var eventFirst in new[] { true, false })
        {
            var log = Log(3);
            log.Add(new PendingMessage("n", "Hello", null, Noon.AddHours(1)));
            var shown = log.Entries.Last();
            Assert.Equal((null, "Hello"), (shown.Message, shown.Pending?.Content));
            var message = Message(4, 4, Me) with { Nonce = "n" };
            if (eventFirst)
            {
                Assert.True(log.Apply(message, 4, 3));
                Assert.True(log.Stored(message));
            }
            else
            {
                Assert.True(log.Stored(message));
                Assert.True(log.Apply(message, 4, 3));
            }

            Assert.Same(shown, log.Entries.Last());
            Assert.Equal(message.Id, shown.Message?.Id);
            Assert.Null(shown.Pending);
            Assert.Equal([1L, 2, 3, 4], log.Entries.Select(e => e.Message!.Seq));
        }
    }

    [Fact]
    public void What_was_sent_before_a_reload_and_is_there_already_is_not_shown_twice()
    {
        var log = new ChannelLog(Me);
        log.Reset([Message(1, 1, Other), Message(2, 2, Me) with { Nonce = "n" }], hasOlder: false, hasNewer: false, 2);
        log.Add(new PendingMessage("n", "Message 2", null, Noon));
        Assert.Equal(2, log.Count);
        Assert.Null(log.FindPending("n"));
    }

    [Fact]
    public void An_answer_that_overtakes_others_messages_waits_for_them()
    {
        var log = Log(3);
        log.Add(new PendingMessage("n", "Hello", null, Noon.AddHours(1)));
        var mine = Message(6, 6, Me) with { Nonce = "n" };
        Assert.False(log.Stored(mine));
        Assert.True(log.Apply(new ChannelChangesResponse([Message(4, 4, Other), Message(5, 5, Other), mine], 6, Resync: false)));
        Assert.Equal([1L, 2, 3, 4, 5, 6], log.Entries.Select(e => e.Message!.Seq));
    }

    [Fact]
    public void A_lost_event_is_noticed_and_what_comes_twice_is_nothing_new()
    {
        var log = Log(3);
        Assert.False(log.Apply(Message(5, 5, Other), 5, 4));
        Assert.Equal((3, 3L), (log.Count, log.LastChange));
        Assert.True(log.Apply(Message(4, 4, Other), 4, 3));
        var version = log.Version;
        Assert.True(log.Apply(Message(4, 4, Other), 4, 3));
        Assert.Equal(version, log.Version);
        Assert.False(log.Apply(new ChannelChangesResponse([], 900, Resync: true)));
    }

    [Fact]
    public void An_edit_draws_one_row_and_no_other()
    {
        var log = Log(3);
        var drawn = new List<long>();
        foreach (var entry in log.Entries)
        {
            entry.Changed += () => drawn.Add(entry.Message!.Seq);
        }

        var version = log.Version;
        Assert.True(log.Apply(Message(2, 4, Other) with { Content = "Better said" }, 4, 3));
        Assert.Equal([2L], drawn);
        Assert.Equal(version, log.Version);
        Assert.Equal("Better said", log.Entries.ElementAt(1).Message!.Content);
    }

    [Fact]
    public void However_far_one_scrolls_no_more_than_200_are_held()
    {
        var log = new ChannelLog(Me);
        log.Reset([.. Range(951, 1000)], hasOlder: true, hasNewer: false, 1000);
        for (var first = 951L; first > 1; first -= ChannelLog.PageSize)
        {
            log.Prepend([.. Range(Math.Max(1, first - ChannelLog.PageSize), first - 1)]);
            Assert.InRange(log.Count, 1, ChannelLog.Most);
        }

        Assert.Equal((1L, 200L, false, true), (log.FirstSeq, log.LastSeq, log.HasOlder, log.HasNewer));

        // What is written now is not on the screen, and not missing either.
        Assert.True(log.Apply(Message(1001, 1001, Other), 1001, 1000));
        Assert.Equal(200, log.LastSeq);
        for (var last = 200L; last < 1001; last += ChannelLog.PageSize)
        {
            var page = Range(last + 1, Math.Min(1001, last + ChannelLog.PageSize)).ToList();
            log.Append(page, isEnd: page.Count < ChannelLog.PageSize);
            Assert.InRange(log.Count, 1, ChannelLog.Most);
        }

        Assert.Equal((802L, 1001L, true, false), (log.FirstSeq, log.LastSeq, log.HasOlder, log.HasNewer));
    }

    [Fact]
    public void Groups_days_and_the_line_of_what_is_new_stand_where_they_belong()
    {
        var log = new ChannelLog(Me);
        log.DrawNewLine(4);
        log.Reset(
            [
                Message(1, 1, Other), Message(2, 2, Other) with { CreatedAt = Noon.AddMinutes(2) }, Message(3, 3, Me) with { CreatedAt = Noon.AddMinutes(3) },
                Message(4, 4, Me) with { CreatedAt = Noon.AddMinutes(4) }, Message(5, 5, Me) with { CreatedAt = Noon.AddMinutes(5) }, Message(6, 6, Me) with { CreatedAt = Noon.AddDays(1) },
            ],
            hasOlder: false, hasNewer: false, 6);
        Assert.Equal([true, false, true, true, false, true], log.Entries.Select(e => e.IsHead));
        Assert.Equal([false, false, false, true, false, false], log.Entries.Select(e => e.IsFirstNew));
        Assert.Equal([new DateOnly(2026, 5, 4), null, null, null, null, new DateOnly(2026, 5, 5)], log.Entries.Select(e => e.Day));

        // Where the day begins is the reader's own.
        log.Zone = TimeZoneInfo.CreateCustomTimeZone("far", TimeSpan.FromHours(-13), null, null);
        log.DrawNewLine(null);
        Assert.Equal(new DateOnly(2026, 5, 3), log.Entries.First().Day);
    }

    [Fact]
    public void Whatever_is_lost_or_doubled_the_screen_ends_with_what_the_channel_holds()
    {
        var random = new Random(20260504);
        for (var round = 0; round < 300; round++)
        {
            var channel = new List<ChannelMessageResponse>();
            var change = 0L;
            var log = new ChannelLog(Me);
            log.Reset([], hasOlder: false, hasNewer: false, 0);
            var told = 0L;
            for (var step = 0; step < 60; step++)
            {
                change++;
                ChannelMessageResponse changed;
                if (channel.Count == 0 || random.Next(3) > 0)
                {
                    changed = Message(channel.Count + 1, change, random.Next(2) == 0 ? Me : Other) with { Nonce = $"n{channel.Count}" };
                    if (changed.Author.Id == Me && random.Next(2) == 0)
                    {
                        log.Add(new PendingMessage(changed.Nonce!, changed.Content, null, Noon));
                    }

                    channel.Add(changed);
                }
                else
                {
                    var at = random.Next(channel.Count);
                    changed = channel[at] = channel[at] with { Change = change, Content = $"Edited {change}", EditedAt = Noon };
                }

                if (random.Next(4) == 0)
                {
                    // Lost on the way: the next that comes says so.
                    told = change;
                    continue;
                }

                for (var times = random.Next(5) == 0 ? 2 : 1; times > 0; times--)
                {
                    if (!log.Apply(changed, change, told))
                    {
                        Assert.True(log.Apply(new ChannelChangesResponse([.. channel.Where(m => m.Change > log.LastChange).OrderBy(m => m.Change)], change, Resync: false)));
                    }
                }

                told = change;
            }

            Assert.True(log.Apply(new ChannelChangesResponse([.. channel.Where(m => m.Change > log.LastChange)], change, Resync: false)));
            Assert.Equal(channel.Select(m => (m.Id, m.Content, m.Change)), log.Entries.Where(e => e.Message is not null).Select(e => (e.Message!.Id, e.Message.Content, e.Message.Change)));
            Assert.DoesNotContain(log.Entries, e => e.Pending is not null);
        }
    }

    private static ChannelLog Log(int messages)
    {
        var log = new ChannelLog(Me);
        log.Reset([.. Range(1, messages)], hasOlder: false, hasNewer: false, messages);
        return log;
    }

    private static IEnumerable<ChannelMessageResponse> Range(long first, long last)
    {
        for (var seq = first; seq <= last; seq++)
        {
            yield return Message(seq, seq, Other);
        }
    }

    private static ChannelMessageResponse Message(long seq, long change, Guid author) => new(
        new Guid((int)seq, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]), Channel, null, seq, change, ChannelMessageKind.Text, new AuthorResponse(author, AuthorKind.Person, "Somebody", null), $"Message {seq}", null, null,
        [], [], false, false, Noon, null, null);
}
