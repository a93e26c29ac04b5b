using System.Collections.Frozen;
using ChatSphere.Data.Communities;

namespace ChatSphere.Tests.Communities;

/// <summary>A server, a member and a channel made at random, in plain numbers.</summary>
internal sealed class RightsCase
{
    public const long Admin = 8, View = 1 << 10, Send = 1 << 11, Embed = 1 << 14, Attach = 1 << 15, History = 1 << 16, MentionAll = 1 << 17, Connect = 1 << 20, InThreads = 1L << 38, Polls = 1L << 49;
    public static readonly long All = Enum.GetValues<ServerPermissions>().Aggregate(0L, (all, p) => all | (long)p);
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public sealed record Role(Guid Id, long Permissions, int Position);

    /// <param name="OfMember">Else of a role.</param>
    public sealed record Overwrite(Guid Target, bool OfMember, long Allow, long Deny);

    public sealed record Channel(Guid Id, bool IsVoice, Overwrite[] Overwrites);

    public sealed record Member(Guid Id, Guid[] Roles, DateTimeOffset? TimedOutUntil);

    /// <summary>Also everyone's role.</summary>
    public required Guid Server { get; init; }
    public required Guid Owner { get; init; }
    public required Role Everyone { get; init; }

    /// <summary>Without everyone's.</summary>
    public required Role[] Roles { get; init; }
    public required Channel[] Channels { get; init; }
    public required Member[] Members { get; init; }

    public static RightsCase Random(Random random)
    {
        var server = NewId(random);
        var roles = Enumerable.Range(0, random.Next(21)).Select(_ => new Role(NewId(random), Bits(random, administrator: 0.04), random.Next(1, 8))).ToArray();
        var members = Enumerable.Range(0, 5).Select(_ => new Member(
            NewId(random), [.. roles.Where(_ => random.NextDouble() < 0.3).Select(r => r.Id)],
            random.Next(6) switch { 0 => Now.AddMinutes(random.Next(1, 100)), 1 => Now.AddMinutes(-random.Next(0, 100)), _ => null })).ToArray();

        // Somebody who has a role that is gone.
        members[4] = members[4] with { Roles = [.. members[4].Roles, NewId(random)] };
        var channels = Enumerable.Range(0, 5).Select(_ => new Channel(NewId(random), random.Next(4) == 0, Overwrites(random, server, roles, members))).ToArray();
        return new RightsCase
        {
            Server = server,
            Owner = random.Next(3) == 0 ? members[0].Id : NewId(random),
            Everyone = new Role(server, Bits(random, administrator: 0.01), 0),
            Roles = roles,
            Channels = channels,
            Members = members,
        };
    }

    public ServerSnapshot ToSnapshot() => new(
        Server, Owner, 1, Roles.Append(Everyone).ToFrozenDictionary(r => r.Id, r => new RoleFacts(r.Id, (ServerPermissions)r.Permissions, r.Position)),
        Channels.ToFrozenDictionary(c => c.Id, c => new ChannelFacts(
            c.Id, c.IsVoice ? ChannelKind.Voice : ChannelKind.Text, null,
            [.. c.Overwrites.Select(o => new OverwriteFacts(o.Target, o.OfMember ? OverwriteTarget.Member : OverwriteTarget.Role, (ServerPermissions)o.Allow, (ServerPermissions)o.Deny))])));

    private static Overwrite[] Overwrites(Random random, Guid server, Role[] roles, Member[] members)
    {
        var targets = roles.Select(r => (r.Id, false)).Concat(members.Select(m => (m.Id, true))).Append((server, false)).Append((NewId(random), true)).Append((NewId(random), false)).ToArray();
        random.Shuffle(targets);
        return [.. targets.Take(random.Next(21)).Select(t =>
        {
            // Our API takes nothing that is allowed and denied at once; the rules say what it would mean.
            return new Overwrite(t.Item1, t.Item2, random.Next(3) == 0 ? 0 : Bits(random, 0.02), random.Next(3) == 0 ? 0 : Bits(random, 0.02));
        })];
    }

    /// <summary>What decides something is there more often than chance would have it.</summary>
    private static long Bits(Random random, double administrator)
    {
        var bits = random.NextInt64() & random.NextInt64() & All & ~Admin;
        foreach (var often in (ReadOnlySpan<long>)[View, Send, Connect, InThreads])
        {
            bits |= random.Next(3) == 0 ? often : 0;
        }

        return random.NextDouble() < administrator ? bits | Admin : bits;
    }

    private static Guid NewId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}

/// <summary>What somebody might get wrong.</summary>
public enum Mistake
{
    None,
    OwnerIsNobodySpecial,
    RolesAreNotAdded,
    AdministratorIsOverwritten,
    EveryonesOverwriteLast,
    MembersOverwriteBeforeRoles,
    RolesOneByOne,
    RoleAllowsBeforeDenies,
    AllowBeforeDenyOfMember,
    AllowBeforeDenyOfEveryone,
    EveryonesOverwriteIsARole,
    OverwritesOfRolesNotHeld,
    OverwritesOfOtherMembers,
    OverwriteMakesAdministrator,
    UnseenButAllowed,
    SilentButLoud,
    ThreadsAreAsTheirChannel,
    VoiceWithoutConnecting,
    TimeOutForgotten,
    TimeOutForAdministrators,
    TimeOutNeverEnds,
}

/// <summary>
/// The rights again, from the description (docs/communities.md, which is Discord's) and not from our code: the steps one below the other, in plain numbers. With each
/// <see cref="Mistake"/> it is wrong in one place, which shows that the cases are such that nobody gets away with it.
/// </summary>
internal static class RightsOracle
{
    public static long InServer(RightsCase c, RightsCase.Member member)
    {
        var p = Base(c, member, Mistake.None);
        return p != RightsCase.All && member.TimedOutUntil > RightsCase.Now ? p & (RightsCase.View | RightsCase.History) : p;
    }

    public static long InChannel(RightsCase c, RightsCase.Member member, RightsCase.Channel channel, bool inThread, Mistake wrong = Mistake.None)
    {
        var p = Base(c, member, wrong);
        var above = p == RightsCase.All;
        if (above && wrong != Mistake.AdministratorIsOverwritten)
        {
            return wrong == Mistake.TimeOutForAdministrators && member.TimedOutUntil > RightsCase.Now ? p & (RightsCase.View | RightsCase.History) : p;
        }

        var everyones = channel.Overwrites.Where(o => o.Target == c.Server).ToArray();
        var roles = channel.Overwrites.Where(o => !o.OfMember && o.Target != c.Server && (wrong == Mistake.OverwritesOfRolesNotHeld || member.Roles.Contains(o.Target))).ToArray();
        var own = channel.Overwrites.Where(o => o.OfMember && (wrong == Mistake.OverwritesOfOtherMembers || o.Target == member.Id)).ToArray();
        if (wrong == Mistake.EveryonesOverwriteIsARole)
        {
            (roles, everyones) = ([.. roles, .. everyones], []);
        }

        if (wrong != Mistake.EveryonesOverwriteLast)
        {
            p = Apply(p, everyones, wrong == Mistake.AllowBeforeDenyOfEveryone);
        }

        if (wrong == Mistake.MembersOverwriteBeforeRoles)
        {
            p = Apply(p, own, false);
        }

        if (wrong == Mistake.RolesOneByOne)
        {
            foreach (var role in roles)
            {
                p = Apply(p, [role], false);
            }
        }
        else
        {
            p = Apply(p, roles, wrong == Mistake.RoleAllowsBeforeDenies);
        }

        if (wrong != Mistake.MembersOverwriteBeforeRoles)
        {
            p = Apply(p, own, wrong == Mistake.AllowBeforeDenyOfMember);
        }

        if (wrong == Mistake.EveryonesOverwriteLast)
        {
            p = Apply(p, everyones, false);
        }

        if (wrong == Mistake.OverwriteMakesAdministrator && (p & RightsCase.Admin) != 0)
        {
            return RightsCase.All;
        }

        p &= ~RightsCase.Admin;

        if (inThread && wrong != Mistake.ThreadsAreAsTheirChannel)
        {
            p = (p & RightsCase.InThreads) != 0 ? p | RightsCase.Send : p & ~RightsCase.Send;
        }

        if ((p & RightsCase.View) == 0 && wrong != Mistake.UnseenButAllowed)
        {
            return 0;
        }

        if ((p & RightsCase.Send) == 0 && wrong != Mistake.SilentButLoud)
        {
            p &= ~(RightsCase.MentionAll | RightsCase.Attach | RightsCase.Embed | RightsCase.Polls);
        }

        if (channel.IsVoice && (p & RightsCase.Connect) == 0 && wrong != Mistake.VoiceWithoutConnecting)
        {
            p &= RightsCase.View;
        }

        var timedOut = wrong == Mistake.TimeOutNeverEnds ? member.TimedOutUntil is not null : wrong != Mistake.TimeOutForgotten && member.TimedOutUntil > RightsCase.Now;
        return timedOut ? p & (RightsCase.View | RightsCase.History) : p;
    }

    /// <summary>Members from the highest: the owner, then by the position of their highest role, then by its id.</summary>
    public static bool OutRanks(RightsCase c, RightsCase.Member one, RightsCase.Member other)
    {
        if (one.Id == other.Id || other.Id == c.Owner)
        {
            return false;
        }

        var (mine, theirs) = (Top(c, one), Top(c, other));
        return one.Id == c.Owner || mine.Position > theirs.Position || (mine.Position == theirs.Position && string.CompareOrdinal(mine.Id.ToString(), theirs.Id.ToString()) < 0);
    }

    private static RightsCase.Role Top(RightsCase c, RightsCase.Member member) =>
        c.Roles.Where(r => member.Roles.Contains(r.Id)).OrderBy(r => -r.Position).ThenBy(r => r.Id.ToString(), StringComparer.Ordinal).FirstOrDefault() ?? c.Everyone;

    private static long Base(RightsCase c, RightsCase.Member member, Mistake wrong)
    {
        if (member.Id == c.Owner && wrong != Mistake.OwnerIsNobodySpecial)
        {
            return RightsCase.All;
        }

        var p = c.Everyone.Permissions;
        if (wrong != Mistake.RolesAreNotAdded)
        {
            foreach (var role in c.Roles)
            {
                p |= member.Roles.Contains(role.Id) ? role.Permissions : 0;
            }
        }

        return (p & RightsCase.Admin) != 0 ? RightsCase.All : p;
    }

    private static long Apply(long p, IEnumerable<RightsCase.Overwrite> overwrites, bool allowFirst)
    {
        long deny = 0, allow = 0;
        foreach (var o in overwrites)
        {
            (deny, allow) = (deny | o.Deny, allow | o.Allow);
        }

        return allowFirst ? (p | allow) & ~deny : (p & ~deny) | allow;
    }
}
