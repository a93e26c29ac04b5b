using System.Text.Json;
using ChatSphere.Data.Context;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Context
{
    /// <summary>What a question shows of something that was sent with it.</summary>
    public sealed record MessageAttachment(Guid Id, AttachmentKind Kind, string Name, string ContentType, long Size, int? Width, int? Height)
    {
        public static MessageAttachment Of(Attachment a) => new(a.Id, a.Kind, a.Name, a.ContentType, a.Size, a.Width, a.Height);
    }
}

namespace ChatSphere.Data.Conversations
{
    public sealed partial class Message
    {
        /// <summary>Of a question: what was sent with it.</summary>
        public List<MessageAttachment> Attachments { get; set; } = [];

        /// <summary>Of an answer: the hosts that its links may lead to.</summary>
        public List<string> LinkHosts { get; set; } = [];

        /// <summary>Of an answer of a strict bot: starts and ends of the sentences that nothing supports, in the text, in pairs.</summary>
        public List<int> Unsupported { get; set; } = [];

        internal sealed class ContextMapping : IEntityTypeConfiguration<Message>
        {
            public void Configure(EntityTypeBuilder<Message> builder)
            {
                builder.Property(m => m.Attachments).HasColumnType("jsonb").HasDefaultValueSql("'[]'").HasConversion(
                    list => JsonSerializer.Serialize(list, JsonSerializerOptions.Web),
                    json => JsonSerializer.Deserialize<List<MessageAttachment>>(json, JsonSerializerOptions.Web) ?? new(),
                    new ValueComparer<List<MessageAttachment>>((a, b) => a!.SequenceEqual(b!), list => list.Aggregate(0, (hash, a) => HashCode.Combine(hash, a)), list => list.ToList()));
                builder.Property(m => m.LinkHosts).HasDefaultValueSql("'{}'");
                builder.Property(m => m.Unsupported).HasDefaultValueSql("'{}'");
            }
        }
    }
}
