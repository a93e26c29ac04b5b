using System.ComponentModel.DataAnnotations;
using System.Net.Mail;

namespace ChatSphere.Worker.Modules.Notifications;

public enum MailSecurity
{
    /// <summary>Unencrypted: for a server on this machine, or a test.</summary>
    None,

    /// <summary>STARTTLS, with a certificate that this machine trusts; without it nothing is sent.</summary>
    StartTls,
}

public sealed class MailOptions : IValidatableObject
{
    public const string Section = "Mail";

    /// <summary>The SMTP server. Not set: mails become files in <see cref="Folder"/>.</summary>
    public string? Host { get; set; }

    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    public string? UserName { get; set; }

    public string? Password { get; set; }

    /// <summary>The sender, <c>ChatSphere &lt;chat@example.com&gt;</c> or an address alone. Not set: <c>no-reply@</c> and the site's host.</summary>
    public string? From { get; set; }

    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    /// <summary>Where mails are written as <c>.eml</c> files when there is no server.</summary>
    public string? Folder { get; set; }

    /// <summary>One mail may take this long to hand over.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(Host) && string.IsNullOrEmpty(Folder))
        {
            yield return new("Set Mail:Host to the SMTP server, or Mail:Folder to a folder that takes the mails as files.");
        }

        if (!string.IsNullOrEmpty(UserName) && Security == MailSecurity.None)
        {
            yield return new("Mail:UserName needs Mail:Security to be StartTls: the password must not travel unencrypted.");
        }

        if (!string.IsNullOrEmpty(From) && !MailAddress.TryCreate(From, out _))
        {
            yield return new("Mail:From must be an address, such as ChatSphere <chat@example.com>.");
        }
    }
}
