using ChatSphere.Api.Http;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Audit;

/// <summary>Which events are meant. Bound from the query; what is not given does not limit.</summary>
/// <param name="ActorId">Who did it.</param>
/// <param name="TargetId">To what or whom.</param>
/// <param name="Action">How the action begins: <c>rights.</c> finds all about rights.</param>
/// <param name="From">Not before.</param>
/// <param name="To">Before.</param>
/// <param name="Reason">Text that the reason contains, whatever its case.</param>
internal sealed record AuditFilter(Guid? ActorId = null, Guid? TargetId = null, string? Action = null, DateTimeOffset? From = null, DateTimeOffset? To = null, string? Reason = null)
{
    private const int MaxText = 100;

    /// <summary>What is wrong with it, or null.</summary>
    public ProblemHttpResult? Problem() =>
        Action is { Length: > 64 } || Action?.All(c => char.IsAsciiLetterLower(c) || c is '.' or '_' || char.IsAsciiDigit(c)) == false ? Problems.Invalid("action", "An action is written in small letters, such as rights.role_given.")
        : Reason is { Length: > MaxText } || Reason?.Contains('\0', StringComparison.Ordinal) == true ? Problems.Invalid("reason", $"At most {MaxText} characters.")
        : From >= To ? Problems.Invalid("to", "The end lies before the beginning.")
        : null;

    public IQueryable<AuditEvent> Apply(IQueryable<AuditEvent> events)
    {
        if (ActorId is { } actor)
        {
            events = events.Where(e => e.ActorId == actor);
        }

        if (TargetId is { } target)
        {
            events = events.Where(e => e.TargetId == target);
        }

        if (Action is { Length: > 0 } action)
        {
            events = events.Where(e => e.Action.StartsWith(action));
        }

        // Ids begin with the time, so the index on them finds the place; the time itself is exact.
        if (From is { } from)
        {
            var (since, first) = (from.ToUniversalTime(), Bound(from));
            events = events.Where(e => e.Id >= first && e.At >= since);
        }

        if (To is { } to)
        {
            var (until, last) = (to.ToUniversalTime(), Bound(to.UtcTicks > DateTimeOffset.MaxValue.UtcTicks - TimeSpan.TicksPerSecond ? to : to.AddMilliseconds(1)));
            events = events.Where(e => e.Id < last && e.At < until);
        }

        if (Reason is { Length: > 0 } reason)
        {
            var pattern = $"%{reason.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
            events = events.Where(e => e.Reason != null && EF.Functions.ILike(e.Reason, pattern, "\\"));
        }

        return events;
    }

    /// <summary>The smallest id of a millisecond.</summary>
    private static Guid Bound(DateTimeOffset at)
    {
        var milliseconds = Math.Max(0, at.ToUnixTimeMilliseconds());
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < 6; i++)
        {
            bytes[i] = (byte)(milliseconds >> (40 - (8 * i)));
        }

        return new Guid(bytes, bigEndian: true);
    }
}
