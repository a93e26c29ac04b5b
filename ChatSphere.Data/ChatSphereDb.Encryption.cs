using ChatSphere.Data.Bots;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Context;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<EncryptionKeyInUse> EncryptionKeysInUse => Set<EncryptionKeyInUse>();

    internal ContentSeal Seal =>
        this.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider?.GetService<ContentSeal>() ?? ContentSeal.None;

    /// <summary>The one place where what people wrote is sealed and opened for everything that goes through the model. What bypasses it: Passages' bulk writes and the search.</summary>
    private void SealContent(ModelBuilder builder)
    {
        var seal = Seal;
        builder.Entity<Message>().Property(m => m.Text).HasConversion(Sealed(ContentPurposes.Message));
        builder.Entity<Message>().Property(m => m.ToolCallsJson).HasConversion(Sealed(ContentPurposes.ToolCalls)!);
        builder.Entity<Message>().ComplexCollection(m => m.Citations, c =>
        {
            c.Property(x => x.Quote).HasConversion(Sealed(ContentPurposes.Citation));
            c.Property(x => x.Heading).HasConversion(Sealed(ContentPurposes.Citation)!);
        });
        builder.Entity<Conversation>().Property(c => c.Title).HasConversion(Sealed(ContentPurposes.Title)!);
        builder.Entity<TurnTrace>().Property(t => t.SearchText).HasConversion(Sealed(ContentPurposes.Message));
        builder.Entity<GoldenResult>().Property(r => r.Answer).HasConversion(Sealed(ContentPurposes.Message));
        builder.Entity<Folder>().Property(f => f.Name).HasConversion(Sealed(ContentPurposes.Title));
        builder.Entity<SharedLink>().Property(l => l.Content).HasConversion(Sealed(ContentPurposes.Message));
        builder.Entity<SharedLink>().Property(l => l.Title).HasConversion(Sealed(ContentPurposes.Title));
        builder.Entity<Prompt>().Property(p => p.Text).HasConversion(Sealed(ContentPurposes.Message));
        builder.Entity<MessageRating>().Property(r => r.Comment).HasConversion(Sealed(ContentPurposes.Message)!);
        builder.Entity<Memory>().Property(m => m.Text).HasConversion(Sealed(ContentPurposes.Memory));
        builder.Entity<ConversationSummary>().Property(s => s.Text).HasConversion(Sealed(ContentPurposes.Summary));
        builder.Entity<ChannelMessage>().Property(m => m.Content).HasConversion(Sealed(ContentPurposes.ChannelMessage));
        builder.Entity<ChannelMessage>().Property(m => m.PartsJson).HasConversion(Sealed(ContentPurposes.ChannelMessage)!);
        builder.Entity<MessageEdit>().Property(e => e.Content).HasConversion(Sealed(ContentPurposes.ChannelMessage));
        builder.Entity<DocumentPage>().Property(p => p.Text).HasConversion(Sealed(ContentPurposes.Page));
        builder.Entity<Chunk>().Property(c => c.Text).HasConversion(Sealed(ContentPurposes.Passage));
        builder.Entity<Chunk>().Property(c => c.Heading).HasConversion(Sealed(ContentPurposes.Passage)!);
        builder.Entity<Chunk>().Property(c => c.Context).HasConversion(Sealed(ContentPurposes.Passage));

        ValueConverter<string, string> Sealed(string purpose) => new(plain => seal.Seal(purpose, plain), stored => seal.Open(purpose, stored));
    }

    /// <summary>A model holds the keys that it seals with, so programs with different keys in one process must not share one.</summary>
    internal sealed class ModelKey : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) => (context.GetType(), designTime, (context as ChatSphereDb)?.Seal);
    }
}
