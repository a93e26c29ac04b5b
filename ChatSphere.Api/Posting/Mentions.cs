using System.Text.RegularExpressions;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Posting;

/// <summary>Whom a text names who may be named there.</summary>
internal sealed record Mentioned(List<Guid> Accounts, List<Guid> Roles, bool Everyone)
{
    public static readonly Mentioned Nobody = new([], [], false);
}

/// <summary>
/// Finds who is meant by a text: <c>&lt;@id&gt;</c> for people and bots, <c>&lt;@&amp;id&gt;</c> for roles, <c>@everyone</c> and <c>@here</c>. What stands in code is code. Whoever cannot see the
/// channel, and a role that may not be mentioned, is just text, so nothing tells whether they exist.
/// </summary>
internal sealed partial class Mentions(ChatSphereDb db, TimeProvider time)
{
    /// <summary>People and roles together; what comes after is text.</summary>
    public const int Most = 50;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePreciseSourceLocation().DisableHtml().Build();

    public async Task<Mentioned> ResolveAsync(ChannelSeat seat, string content, CancellationToken cancellationToken)
    {
        var (named, everyone) = Read(content);
        everyone &= seat.May(ServerPermissions.MentionEveryone);
        if (named.Count == 0)
        {
            return everyone ? new Mentioned([], [], true) : Mentioned.Nobody;
        }

        var people = named.Where(n => !n.IsRole).Select(n => n.Id).ToList();
        if (seat is not { Server: { } server, Channel.ServerId: { } serverId })
        {
            return new Mentioned(await db.ChannelMembers.Where(m => m.ChannelId == seat.Channel.Id && people.Contains(m.AccountId)).Select(m => m.AccountId).ToListAsync(cancellationToken), [], false);
        }

        var accounts = new List<Guid>();
        if (people.Count > 0)
        {
            var now = time.GetUtcNow();
            foreach (var member in await db.ServerMembers.AsNoTracking().Where(m => m.ServerId == serverId && people.Contains(m.MemberId))
                .Select(m => new { m.MemberId, m.TimedOutUntil, RoleIds = db.MemberRoles.Where(r => r.ServerId == serverId && r.MemberId == m.MemberId).Select(r => r.RoleId).ToArray() }).ToListAsync(cancellationToken))
            {
                var facts = new MemberFacts(member.MemberId, member.RoleIds, member.TimedOutUntil);
                if (PermissionRules.InChannel(server, facts, seat.RightsChannelId, seat.Channel.Kind == ChannelKind.Thread, now).HasFlag(ServerPermissions.ViewChannel))
                {
                    accounts.Add(member.MemberId);
                }
            }
        }

        var asked = named.Where(n => n.IsRole && n.Id != serverId && server.Roles.ContainsKey(n.Id)).Select(n => n.Id).ToList();
        var anyRole = seat.May(ServerPermissions.MentionEveryone);
        var roles = asked.Count == 0 ? [] : await db.ServerRoles.Where(r => r.ServerId == serverId && asked.Contains(r.Id) && (anyRole || r.IsMentionable)).Select(r => r.Id).ToListAsync(cancellationToken);
        return new Mentioned(accounts, roles, everyone);
    }

    /// <summary>The first <see cref="Most"/> that are named outside of code, each once.</summary>
    internal static (IReadOnlyList<(Guid Id, bool IsRole)> Named, bool Everyone) Read(string content)
    {
        if (!content.Contains('@', StringComparison.Ordinal))
        {
            return ([], false);
        }

        var text = WithoutCode(content);
        return ([.. Name().Matches(text).Select(m => (Guid.Parse(m.Groups[2].ValueSpan), m.Groups[1].Length > 0)).Distinct().Take(Most)], Everyone().IsMatch(text));
    }

    private static string WithoutCode(string content)
    {
        // Fences, inline code and indented code all need one of these.
        if (!content.Contains('`', StringComparison.Ordinal) && !content.Contains("~~~", StringComparison.Ordinal) && !content.Contains("    ", StringComparison.Ordinal) && !content.Contains('\t', StringComparison.Ordinal))
        {
            return content;
        }

        MarkdownDocument document;
        try
        {
            document = Markdown.Parse(content, Pipeline);
        }
        catch (ArgumentException)
        {
            // Nested deeper than Markdig can: it is shown as text, and nobody is called by such a thing.
            return "";
        }

        var kept = content.ToCharArray();
        foreach (var code in document.Descendants().Where(d => d is CodeBlock or CodeInline))
        {
            Blank(code.Span.Start, code.Span.Length);

            // The span of a fence that nobody closed ends with its first line.
            foreach (var line in code is CodeBlock { Lines: { Count: > 0 } lines } ? lines.Lines.AsSpan(0, lines.Count) : [])
            {
                if (ReferenceEquals(line.Slice.Text, content))
                {
                    Blank(line.Slice.Start, line.Slice.Length);
                }
            }
        }

        return new string(kept);

        void Blank(int start, int length) => kept.AsSpan(start, Math.Max(0, Math.Min(length, kept.Length - start))).Fill(' ');
    }

    [GeneratedRegex("<@(&?)([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})>", RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"(?<![\w@])@(everyone|here)\b")]
    private static partial Regex Everyone();
}
