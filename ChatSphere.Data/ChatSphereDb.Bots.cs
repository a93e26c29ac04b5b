using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<BotVersion> BotVersions => Set<BotVersion>();
    public DbSet<GoldenQuestion> GoldenQuestions => Set<GoldenQuestion>();
    public DbSet<GoldenRun> GoldenRuns => Set<GoldenRun>();
    public DbSet<GoldenResult> GoldenResults => Set<GoldenResult>();
    public DbSet<TurnTrace> TurnTraces => Set<TurnTrace>();
}
