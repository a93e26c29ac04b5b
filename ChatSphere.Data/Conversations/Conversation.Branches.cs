using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>What a question has set going: as many answers as models were asked, each in a turn of its own.</summary>
public sealed record Asked(Message Question, IReadOnlyList<Message> Answers, IReadOnlyList<Turn> Turns);

public sealed partial class Conversation
{
    /// <summary>Answers to one question that may be written at the same time.</summary>
    public const int MostAtOnce = 4;

    /// <summary>The last message of the branch that is read and continued. Only as long as <see cref="CurrentAsOf"/> is <see cref="LastSeq"/>.</summary>
    public Guid? CurrentId { get; private set; }

    /// <summary><see cref="LastSeq"/> when <see cref="CurrentId"/> was set. A node of the version before adds messages without a word about branches; then the last message counts.</summary>
    public int CurrentAsOf { get; private set; }

    /// <summary>Null: has to be looked up (<see cref="BranchQueries.CurrentOfAsync"/>), or there are no messages.</summary>
    public Guid? KnownCurrentId => CurrentAsOf == LastSeq ? CurrentId : null;

    /// <summary>
    /// Stores what the person says behind a message, and the places where the answers will be; the branch of the first is the current one. Null while anything is being
    /// answered.
    /// </summary>
    /// <param name="parentId">A message of this conversation, or <see cref="Message.NoParent"/>.</param>
    /// <param name="models">Null: the bot's.</param>
    public Asked? Ask(Guid parentId, string text, string? clientKey, byte[]? requestHash, IReadOnlyList<string?> models, string node, DateTimeOffset now, TimeSpan lease)
    {
        if (ActiveTurnId is not null)
        {
            return null;
        }

        var question = Message.FromPerson(Id, Guid.CreateVersion7(now), ++LastSeq, text, clientKey, requestHash, now);
        question.ParentId = parentId;
        Title ??= TitleFrom(text);
        return Answer(question, models, node, now, lease, first: question.TurnId);
    }

    /// <summary>More answers to a question, beside those that there are. Null while anything is being answered.</summary>
    public Asked? AnswerAgain(Message question, IReadOnlyList<string?> models, string node, DateTimeOffset now, TimeSpan lease) =>
        ActiveTurnId is not null ? null : Answer(question, models, node, now, lease, first: null);

    /// <summary>Has an answer go on from its text. Null while anything is being answered.</summary>
    public Turn? Continue(Message answer, Guid questionId, string node, DateTimeOffset now, TimeSpan lease)
    {
        if (ActiveTurnId is not null)
        {
            return null;
        }

        var turnId = Guid.CreateVersion7(now);
        answer.GoOn(turnId);
        ActiveTurnId = turnId;
        (CurrentId, CurrentAsOf, UpdatedAt) = (answer.Id, LastSeq, now);
        return Turn.Begin(turnId, Id, OwnerId, questionId, answer.Id, node, now, lease);
    }

    private Asked Answer(Message question, IReadOnlyList<string?> models, string node, DateTimeOffset now, TimeSpan lease, Guid? first)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(models.Count, MostAtOnce);
        var answers = new List<Message>();
        var turns = new List<Turn>();
        foreach (var model in models)
        {
            var turnId = turns.Count == 0 && first is { } given ? given : Guid.CreateVersion7(now);
            var answer = Message.BeingWritten(Id, turnId, ++LastSeq, now);
            (answer.ParentId, answer.RequestedModel) = (question.Id, model);
            answers.Add(answer);
            turns.Add(Turn.Begin(turnId, Id, OwnerId, question.Id, answer.Id, node, now, lease));
        }

        ActiveTurnId = turns[0].Id;
        (CurrentId, CurrentAsOf, UpdatedAt) = (answers[0].Id, LastSeq, now);
        return new Asked(question, answers, turns);
    }

    internal sealed class BranchMapping : IEntityTypeConfiguration<Conversation>
    {
        public void Configure(EntityTypeBuilder<Conversation> builder) => builder.Property(c => c.CurrentAsOf).HasDefaultValue(0);
    }
}
