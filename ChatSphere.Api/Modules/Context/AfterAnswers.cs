using System.Threading.Channels;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using ChatSphere.Data.Conversations;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

/// <summary>Hands an answer that was given to <see cref="AfterAnswers"/>.</summary>
internal sealed class LookBack(AfterAnswers after) : IFinishAnswer
{
    public Task FinishAsync(ChatSphereDb db, EndedAnswer ended, CancellationToken cancellationToken)
    {
        if (ended is { State: MessageState.Complete or MessageState.Stopped, Answer: { Text.Length: > 0 } answer, Draft.ConversationId: not null })
        {
            after.Add(new GivenAnswer(ended.Draft, answer.Id, answer.Seq, answer.Text));
        }

        return Task.CompletedTask;
    }
}

/// <param name="Text">As it is kept.</param>
internal sealed record GivenAnswer(AnswerDraft Draft, Guid AnswerId, int AnswerSeq, string Text);

/// <summary>
/// What is done with a conversation when nobody waits for it any more: it is summed up when it has become long, and what the person told of themselves is noticed if they want that. A
/// few at a time; what does not come to it is done after the next answer.
/// </summary>
internal sealed partial class AfterAnswers(SideQuestions side, ModelCatalogue catalogue, TokenRatios ratios, LiveFeed live, IServiceScopeFactory scopes, TimeProvider time, ILogger<AfterAnswers> logger) : BackgroundService
{
    private const int AtOnce = 2;
    private const int MaxSummaries = 8;
    private const int MaxCharacters = 24_000;

    private readonly Channel<GivenAnswer> _waiting = Channel.CreateBounded<GivenAnswer>(new BoundedChannelOptions(500) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Add(GivenAnswer answer) => _waiting.Writer.TryWrite(answer);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Parallel.ForEachAsync(_waiting.Reader.ReadAllAsync(stoppingToken), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken }, async (answer, cancellationToken) =>
        {
            try
            {
                await SumUpAsync(answer, cancellationToken);
                await NoticeAsync(answer, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, answer.Draft.Id, e.GetType().Name);
            }
        });

    private async Task SumUpAsync(GivenAnswer answer, CancellationToken cancellationToken)
    {
        var draft = answer.Draft;
        if (draft.ConversationId is not { } conversationId || draft.QuestionId is not { } questionId || !side.CanAsk(draft.Model))
        {
            return;
        }

        List<PastMessage> said =
        [
            .. draft.History,
            new(PastRole.User, draft.Question) { Id = questionId, Seq = draft.QuestionSeq },
            new(PastRole.Assistant, answer.Text) { Id = answer.AnswerId, Seq = answer.AnswerSeq },
        ];
        var open = said.Where(m => m.Id is { } id && draft.Summary?.Covers.Contains(id) != true).ToList();

        // The past has a quarter of the prompt for sure.
        var budget = (int)(catalogue.PromptTokensOf(draft.Model) / 4 / ratios.Of(draft.Model));
        var due = RollingSummary.Due(open, budget, beyond: draft.Summary is null && said[0].Seq > 1);
        if (due == 0)
        {
            return;
        }

        var covered = open.Take(due).ToList();
        var asked = RollingSummary.Ask(draft.Summary?.Text, covered, MaxCharacters) with { AskerId = draft.AskerId, BotId = draft.Bot.Id, Model = draft.Model, Fallback = draft.Fallback };
        if (await side.AskAsync(asked, cancellationToken) is { } written)
        {
            await KeepAsync(conversationId, covered, written, cancellationToken);
        }
    }

    private async Task KeepAsync(Guid conversationId, List<PastMessage> covered, SideAnswer written, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Held until this is kept: whoever changes one of them comes before, and is seen here, or after, and removes the summary.
        var ids = covered.Select(m => m.Id!.Value).ToArray();
        var last = ids[^1];
        var now = await db.Messages.FromSql($"select * from conversations.messages where id = any({ids}) for share").AsNoTracking().ToDictionaryAsync(m => m.Id, m => m.Text, cancellationToken);
        if (covered.Exists(m => !now.TryGetValue(m.Id!.Value, out var text) || text != m.Text) || await db.ConversationSummaries.AnyAsync(s => s.UpToMessageId == last, cancellationToken))
        {
            return;
        }

        db.ConversationSummaries.Add(new ConversationSummary
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            ConversationId = conversationId,
            UpToMessageId = last,
            UpToSeq = covered[^1].Seq,
            Text = PromptText.Shorten(written.Text, 8_000),
            Model = written.Model,
            Tokens = TokenEstimate.Of(written.Text),
            CreatedAt = time.GetUtcNow(),
        });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is Npgsql.PostgresException)
        {
            // Another node was quicker, or the conversation is gone.
            return;
        }

        var old = await db.ConversationSummaries.Where(s => s.ConversationId == conversationId).OrderByDescending(s => s.Id).Skip(MaxSummaries).Select(s => s.Id).ToListAsync(cancellationToken);
        if (old.Count > 0)
        {
            await db.ConversationSummaries.Where(s => old.Contains(s.Id)).ExecuteDeleteAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private async Task NoticeAsync(GivenAnswer answer, CancellationToken cancellationToken)
    {
        var draft = answer.Draft;
        if (!draft.Bot.UsesMemory || !PersonalFacts.MayHold(draft.Question) || !side.CanAsk(draft.Model))
        {
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        if (await db.MemoryModeOfAsync(draft.AskerId, cancellationToken) == MemoryMode.Off || await db.Conversations.AnyAsync(c => c.Id == draft.ConversationId && c.ExpiresAt != null, cancellationToken))
        {
            return;
        }

        var asked = PersonalFacts.Ask(draft.Question) with { AskerId = draft.AskerId, BotId = draft.Bot.Id, Model = draft.Model, Fallback = draft.Fallback };
        if (await side.AskAsync(asked, cancellationToken) is not { } written || PersonalFacts.Accept(written.Text, draft.Question) is not { Count: > 0 } facts)
        {
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockMemoriesAsync(draft.AskerId, cancellationToken);

        // Asked again: they may have switched it off while the model thought.
        var mode = await db.MemoryModeOfAsync(draft.AskerId, cancellationToken);
        if (mode == MemoryMode.Off || !await db.Users.AnyAsync(a => a.Id == draft.AskerId, cancellationToken))
        {
            return;
        }

        var known = await db.Memories.AsNoTracking().Where(m => m.AccountId == draft.AskerId).ToListAsync(cancellationToken);
        var state = mode == MemoryMode.Automatic ? MemoryState.Kept : MemoryState.Proposed;
        var room = (state == MemoryState.Kept ? Memory.MaxKept : Memory.MaxProposed) - known.Count(m => m.State == state);
        var now = time.GetUtcNow();
        var fresh = facts.Where(f => !known.Exists(k => PersonalFacts.IsSame(k.Text, f))).Take(Math.Max(0, room))
            .Select(f => new Memory { Id = Guid.CreateVersion7(now), AccountId = draft.AskerId, Text = f, State = state, ConversationId = draft.ConversationId, CreatedAt = now, UpdatedAt = now }).ToList();
        db.Memories.AddRange(fresh);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        foreach (var memory in fresh)
        {
            live.Publish(draft.AskerId, LiveEventTypes.MemoryAdded, new LiveReference(memory.Id));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What comes after the answer {TurnId} was left out: {Kind}")]
    private static partial void LogFailed(ILogger logger, Guid turnId, string kind);
}
