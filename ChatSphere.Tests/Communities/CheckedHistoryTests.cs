using ChatSphere.Benchmarks.Checker;
using ChatSphere.Contracts.Communities;

namespace ChatSphere.Tests.Communities;

/// <summary>The checker itself: it says nothing of a run in which nothing was wrong, and finds each fault that is planted into one.</summary>
public sealed class CheckedHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly List<Deed> _deeds = [];
    private readonly List<ChannelMessageResponse> _stored = [];
    private readonly List<Heard> _heard = [];

    public CheckedHistoryTests()
    {
        for (var i = 1; i <= 5; i++)
        {
            var message = Message(i, i, $"Text {i}");
            _deeds.Add(new Deed(0, Did.Send, i == 4 ? Came.Unknown : Came.Ok, $"n-{i}", i == 4 ? null : message.Id, message.Content, i == 4 ? 0 : i, i == 4 ? 0 : i));
            _stored.Add(message);
            _heard.Add(Hear(message));
        }

        // Sent and refused; sent and never stored; edited; edited without an answer; deleted.
        _deeds.Add(new Deed(0, Did.Send, Came.Failed, "n-6", null, "Text 6", 0, 0));
        _deeds.Add(new Deed(0, Did.Send, Came.Unknown, "n-7", null, "Text 7", 0, 0));
        Change(0, 6, "Edited", Did.Edit, Came.Ok);
        Change(1, 7, "Perhaps", Did.Edit, Came.Unknown);
        Change(2, 8, "", Did.Delete, Came.Ok);
    }

    [Fact]
    public void A_run_without_faults_is_without_fault() => Assert.Empty(Check());

    [Fact]
    public void A_swapped_pair_is_found()
    {
        (_heard[2], _heard[3]) = (_heard[3], _heard[2]);
        Assert.Contains(Check(), w => w.StartsWith("order: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Numbers_that_mean_something_else_to_somebody_are_found()
    {
        var other = _heard.ToList();
        (other[2], other[3]) = (other[3] with { Change = 3 }, other[2] with { Change = 4 });
        Assert.Contains(Check(new Listener("other", other, View())), w => w.StartsWith("order: change 3 is one thing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("lost: n-3")]
    [InlineData("doubled: n-3")]
    [InlineData("ghost: n-6")]
    [InlineData("ghost: 6")]
    [InlineData("numbers: ")]
    [InlineData("other text: 1")]
    [InlineData("not deleted: 3")]
    [InlineData("deleted by nobody: 4")]
    [InlineData("missed: ben")]
    [InlineData("stale: ben")]
    [InlineData("unread: ben")]
    [InlineData("leaked: eve")]
    public void Each_kind_of_fault_is_found(string found)
    {
        var view = View();
        var (lastRead, extra) = (2L, new List<Listener>());
        switch (found)
        {
            case "lost: n-3":
                _stored.RemoveAt(2);
                break;
            case "doubled: n-3":
                _stored.Add(Message(6, 9, "Text 3") with { Nonce = "n-3" });
                break;
            case "ghost: n-6":
                _stored.Add(Message(6, 9, "Text 6"));
                break;
            case "ghost: 6":
                _stored.Add(Message(6, 9, "Who?") with { Nonce = "x" });
                break;
            case "numbers: ":
                _stored[4] = _stored[4] with { Seq = 7 };
                break;
            case "other text: 1":
                _stored[0] = _stored[0] with { Content = "Text 1" };
                break;
            case "not deleted: 3":
                _stored[2] = _stored[2] with { DeletedAt = null };
                break;
            case "deleted by nobody: 4":
                _stored[3] = _stored[3] with { DeletedAt = Start, Content = "" };
                break;
            case "missed: ben":
                view.Remove(_stored[1].Id);
                break;
            case "stale: ben":
                view[_stored[0].Id] = Message(1, 1, "Text 1");
                break;
            case "unread: ben":
                lastRead = 3;
                break;
            default:
                extra.Add(new Listener("eve", _heard, view, RevokedAt: Start.AddSeconds(3)));
                break;
        }

        var wrong = CheckedHistory.Check(_deeds, _stored, [new Listener("ben", _heard, view), .. extra], [new Reader("ben", lastRead, 2, _stored.Count)]);
        Assert.Contains(wrong, w => w.StartsWith(found, StringComparison.Ordinal));
    }

    private static ChannelMessageResponse Message(int seq, long change, string content) => new(
        new Guid(seq, 0, 0, new byte[8]), Guid.Empty, Guid.Empty, seq, change, ChannelMessageKind.Text, new AuthorResponse(Guid.Empty, AuthorKind.Person, "Ann", null), content, $"n-{seq}", null, [], [], false, false, Start.AddSeconds(change), null, null);

    private static Heard Hear(ChannelMessageResponse m) => new(m.Change, m.Id, m.Seq, m.Content, m.DeletedAt is not null, Start.AddSeconds(m.Change));

    private void Change(int index, long change, string content, Did did, Came came)
    {
        _stored[index] = _stored[index] with { Change = change, Content = content, EditedAt = did == Did.Edit ? Start : null, DeletedAt = did == Did.Delete ? Start : null };
        _deeds.Add(new Deed(0, did, came, null, _stored[index].Id, content, 0, came == Came.Ok ? change : 0));
        _heard.Add(Hear(_stored[index]));
    }

    private Dictionary<Guid, ChannelMessageResponse> View() => _stored.ToDictionary(m => m.Id);

    private IReadOnlyList<string> Check(params Listener[] more) => CheckedHistory.Check(_deeds, _stored, [new Listener("ben", _heard, View()), .. more], [new Reader("ben", 2, 2, 5)]);
}
