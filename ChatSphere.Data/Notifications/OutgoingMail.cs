using System.Text.Json;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Notifications;

/// <summary>A mail to be sent. The Worker composes it by its kind and hands it to the mail server; then address and contents are forgotten.</summary>
public sealed class OutgoingMail : Entity
{
    public static OutgoingMail Create(Guid? accountId, string kind, byte[] sealedContent, DateTimeOffset now)
    {
        var mail = new OutgoingMail { Id = Guid.CreateVersion7(now), AccountId = accountId, Kind = kind, SealedContent = sealedContent, CreatedAt = now };
        mail.Raise(new MailQueued(mail.Id));
        return mail;
    }

    public Guid? AccountId { get; private init; }

    /// <summary>Which text it is: one of <see cref="MailKinds"/>.</summary>
    public string Kind { get; private init; } = "";

    /// <summary>Sealed JSON of <see cref="MailContent"/>: it holds an address and often a link that opens an account. Null once sent.</summary>
    public byte[]? SealedContent { get; set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset? SentAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<OutgoingMail>
    {
        public void Configure(EntityTypeBuilder<OutgoingMail> builder)
        {
            builder.ToTable("outgoing_mails", "notifications");
            builder.Property(m => m.Kind).HasMaxLength(48);
            builder.HasIndex(m => m.AccountId);
            builder.HasIndex(m => m.CreatedAt);
        }
    }
}

/// <param name="To">The address.</param>
/// <param name="Values">What the text of its kind needs: <c>name</c>, <c>link</c> …</param>
public sealed record MailContent(string To, Dictionary<string, string> Values);

public static partial class MailKinds
{
    public const string ConfirmEmail = "confirm_email";
    public const string ResetPassword = "reset_password";
    public const string ChangeEmail = "change_email";
    public const string EmailChanged = "email_changed";
    public const string NewSignIn = "new_sign_in";
    public const string SecurityChanged = "security_changed";
    public const string ExportReady = "export_ready";
}

[EventName("notifications.mail-queued.v1")]
public sealed record MailQueued(Guid MailId) : IDomainEvent
{
    public string OrderingKey => MailId.ToString();
}

/// <summary>Puts mails into the outbox: they are sent if, and only if, what else the caller saves is saved.</summary>
public sealed class MailOutbox(ChatSphereDb db, SecretBox secrets, TimeProvider time)
{
    private const string Purpose = "notifications.mail";

    /// <summary>Adds a mail; the caller saves.</summary>
    public void Queue(Guid? accountId, string to, string kind, Dictionary<string, string> values) =>
        db.OutgoingMails.Add(OutgoingMail.Create(accountId, kind, secrets.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(new MailContent(to, values))), time.GetUtcNow()));

    public MailContent Open(OutgoingMail mail) => JsonSerializer.Deserialize<MailContent>(secrets.Unprotect(Purpose, mail.SealedContent!))!;
}
