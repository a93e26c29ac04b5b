using System.Collections.Concurrent;
using ChatSphere.AI.Chat.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Tools;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>
/// Where calls of this node wait for their person. The row in PostgreSQL is decided once and is all that counts; a word through Redis, or a look every few seconds, only tells
/// when to read it. A call whose node dies stays waiting until somebody ends its turn, and is never run.
/// </summary>
internal sealed partial class ApprovalDesk(IServiceScopeFactory scopes, ToolDecisions decisions, IOptions<ToolOptions> options, TimeProvider time, ILogger<ApprovalDesk> logger) : IHostedService
{
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        decisions.OnDecided(Wake);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public IToolApprovals For(Guid turnId, Guid conversationId) => new OfTurn(this, turnId, conversationId);

    /// <summary>Somebody has decided something about this turn.</summary>
    public void Wake(Guid turnId)
    {
        if (_waiting.TryGetValue(turnId, out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    private async Task<bool> IsRememberedAsync(Guid conversationId, ChatTool tool, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().ToolApprovals
            .AnyAsync(a => a.ConversationId == conversationId && a.ToolId == tool.Id && a.Remembered && a.State == ApprovalState.Approved && a.DecidedAt > tool.ChangedAt, cancellationToken);
    }

    private async Task<DateTimeOffset?> AskAsync(Guid turnId, Guid conversationId, ToolQuestion question, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var until = now + options.Value.ApprovalTimeout;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        db.Add(ToolApproval.Ask(turnId, question.CallId, conversationId, question.Tool.Id, now, until));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return until;
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e) || e is DbUpdateException)
        {
            // The conversation is gone, or the database is away.
            LogNotAsked(logger, turnId, e.GetType().Name);
            return null;
        }
    }

    private async Task<ToolDecision> DecisionAsync(Guid turnId, string callId, DateTimeOffset until, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                // Put up before looking, so that what is decided meanwhile wakes us.
                var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting[turnId] = signal;
                var isOver = time.GetUtcNow() >= until;
                try
                {
                    if (await LookAsync(turnId, callId, cancellationToken) is { } decided)
                    {
                        return decided;
                    }
                }
                catch (Exception e) when (DatabaseFaults.IsAway(e))
                {
                    // Past its time nobody can approve it any more, so it is safe to say that nobody did.
                    if (isOver)
                    {
                        return ToolDecision.Expired;
                    }
                }

                var left = until - time.GetUtcNow();
                await signal.Task.WaitAsync(left < LookAnyway ? left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1) : LookAnyway, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            _waiting.TryRemove(turnId, out _);
        }
    }

    private async Task<ToolDecision?> LookAsync(Guid turnId, string callId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var row = db.ToolApprovals.Where(a => a.TurnId == turnId && a.CallId == callId);
        var now = time.GetUtcNow();
        var seen = await row.Select(a => new { a.State, a.ExpiresAt }).SingleOrDefaultAsync(cancellationToken);
        if (seen is { State: ApprovalState.Waiting } && seen.ExpiresAt <= now)
        {
            // Nobody can approve it any more, so this finds it waiting.
            await row.Where(a => a.State == ApprovalState.Waiting).ExecuteUpdateAsync(a => a.SetProperty(x => x.State, ApprovalState.Expired).SetProperty(x => x.DecidedAt, now), cancellationToken);
            return ToolDecision.Expired;
        }

        return seen?.State switch
        {
            ApprovalState.Waiting => null,
            ApprovalState.Approved => ToolDecision.Approved,
            ApprovalState.Expired => ToolDecision.Expired,

            // Denied, or gone with its conversation.
            _ => ToolDecision.Denied,
        };
    }

    private sealed class OfTurn(ApprovalDesk desk, Guid turnId, Guid conversationId) : IToolApprovals
    {
        public Task<bool> IsRememberedAsync(ChatTool tool, CancellationToken cancellationToken) => desk.IsRememberedAsync(conversationId, tool, cancellationToken);

        public Task<DateTimeOffset?> AskAsync(ToolQuestion question, CancellationToken cancellationToken) => desk.AskAsync(turnId, conversationId, question, cancellationToken);

        public Task<ToolDecision> DecisionAsync(string callId, DateTimeOffset until, CancellationToken cancellationToken) => desk.DecisionAsync(turnId, callId, until, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Turn {TurnId}: a tool call could not be put to its person: {Kind}")]
    private static partial void LogNotAsked(ILogger logger, Guid turnId, string kind);
}
