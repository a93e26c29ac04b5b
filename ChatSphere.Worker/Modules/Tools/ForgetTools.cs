using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Messaging;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Tools;

/// <summary>A deleted bot keeps its row for old conversations, but neither its tools nor the secrets they were given.</summary>
public sealed class ForgetTools(ChatSphereDb db) : IHandle<BotDeleted>
{
    public async Task HandleAsync(BotDeleted happened, CancellationToken cancellationToken)
    {
        await db.BotTools.Where(t => t.BotId == happened.BotId).ExecuteDeleteAsync(cancellationToken);
        await db.ToolServers.Where(s => s.BotId == happened.BotId).ExecuteDeleteAsync(cancellationToken);
    }
}
