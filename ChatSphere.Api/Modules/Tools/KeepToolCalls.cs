using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Tools;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>Every call stays with its answer; one that still waited is denied by the answer's end.</summary>
internal sealed class KeepToolCalls(OutsideTools outside, TimeProvider time) : IFinishAnswer
{
    public async Task FinishAsync(ChatSphereDb db, EndedAnswer ended, CancellationToken cancellationToken)
    {
        outside.Release(ended.Draft.Id);
        if (ended.Answer is not { } answer || ended.Draft.Calls.Count == 0)
        {
            return;
        }

        answer.ToolCalls = [.. ended.Draft.Calls.Select(c => c.Approval == "waiting" ? c with { Approval = "denied" } : c)];
        await db.ToolApprovals.Where(a => a.TurnId == ended.Draft.Id && a.State == ApprovalState.Waiting).ExecuteUpdateAsync(
            a => a.SetProperty(x => x.State, ApprovalState.Denied).SetProperty(x => x.DecidedAt, time.GetUtcNow()), cancellationToken);
    }
}
