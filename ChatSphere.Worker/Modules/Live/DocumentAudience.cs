using System.Collections.Concurrent;
using ChatSphere.Data;
using ChatSphere.Data.Sharing;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Live;

/// <summary>
/// Whose screens may show a bot's documents, or those of a conversation: its owner, and who has its knowledge by name or by a group. Who has it as one of everyone is not told of each step, and of groups
/// no more than <see cref="Most"/> people: they see it when they look. What is delivered is looked up again as its receiver, so somebody who lost the right gets nothing.
/// </summary>
internal sealed class DocumentAudience(IServiceScopeFactory scopes, TimeProvider time)
{
    private const int Most = 200;
    private const int ForgetAbove = 10_000;

    // Reading one document tells of many steps.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<Guid, (IReadOnlyList<Guid> Accounts, DateTimeOffset AsOf)> _known = new();

    public async Task<IReadOnlyList<Guid>> OfAsync(Guid botId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue(botId, out var known) && now - known.AsOf < Fresh)
        {
            return known.Accounts;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var owner = db.Bots.Where(b => b.Id == botId).Select(b => b.OwnerId).Concat(db.Conversations.Where(c => c.Id == botId).Select(c => c.OwnerId));
        var shares = db.Shares.Where(s => s.ResourceId == botId && (s.ResourceKind == ShareOf.Knowledge || s.Right == ShareRight.Edit));
        var people = shares.Where(s => s.GranteeKind == GranteeKind.Person).Select(s => s.GranteeId);
        var members = db.GroupMembers.Where(m => shares.Any(s => s.GranteeId == m.GroupId)).OrderBy(m => m.AccountId).Select(m => m.AccountId).Take(Most);
        var accounts = (await owner.ToListAsync(cancellationToken)).Concat(await people.ToListAsync(cancellationToken)).Concat(await members.ToListAsync(cancellationToken)).Distinct().ToList();
        if (_known.Count > ForgetAbove)
        {
            _known.Clear();
        }

        _known[botId] = (accounts, now);
        return accounts;
    }
}
