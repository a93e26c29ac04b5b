using ChatSphere.Data.Bots;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>One person's talk with one bot.</summary>
public sealed partial class Conversation : Entity
{
    private Conversation()
    {
    }

    public Guid OwnerId { get; private init; }
    public Guid BotId { get; private init; }
    public string? Title { get; private set; }

    /// <summary>The last message's <see cref="Message.Seq"/>. Raised under the row's lock, so the numbers have no gaps.</summary>
    public int LastSeq { get; private set; }

    /// <summary>The turn being answered. At most one; the row version makes a second one fail.</summary>
    public Guid? ActiveTurnId { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    public static Conversation Start(Guid ownerId, Guid botId, string? title, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        OwnerId = ownerId,
        BotId = botId,
        Title = title,
        CreatedAt = now,
        UpdatedAt = now,
    };

    public void Rename(string title) => Title = title;

    /// <summary>Stores what the person says at the end of the current branch and the place where the answer will be. Null while another turn is being answered.</summary>
    public (Turn Turn, Message Question, Message Answer)? Ask(string text, string? clientKey, byte[]? requestHash, string node, DateTimeOffset now, TimeSpan lease) =>
        Ask(KnownCurrentId ?? Message.NoParent, text, clientKey, requestHash, [null], node, now, lease) is { } asked ? (asked.Turns[0], asked.Question, asked.Answers[0]) : null;

    private static string TitleFrom(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= 60)
        {
            return line;
        }

        var cut = line.LastIndexOf(' ', 60);
        cut = cut > 20 ? cut : 60;
        return (char.IsHighSurrogate(line[cut - 1]) ? line[..(cut - 1)] : line[..cut]) + "…";
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Conversation>
    {
        public void Configure(EntityTypeBuilder<Conversation> builder)
        {
            builder.ToTable("conversations", "conversations");
            builder.HasIndex(c => new { c.OwnerId, c.UpdatedAt, c.Id });
            builder.HasOne<Bot>().WithMany().HasForeignKey(c => c.BotId);
            builder.Property<uint>("xmin").IsRowVersion();
        }
    }
}

public static class ConversationQueries
{
    public static IQueryable<Conversation> VisibleTo(this IQueryable<Conversation> conversations, Guid accountId) => conversations.Where(c => c.OwnerId == accountId);

    public static IQueryable<Turn> VisibleTo(this IQueryable<Turn> turns, Guid accountId) => turns.Where(t => t.OwnerId == accountId);
}
