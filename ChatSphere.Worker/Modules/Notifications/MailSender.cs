using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using ChatSphere.Data;
using Microsoft.Extensions.Options;

namespace ChatSphere.Worker.Modules.Notifications;

/// <summary>The server did not take it. Says why without the address, which the server's own words often hold.</summary>
public sealed class MailRefusedException(string why) : Exception(why);

/// <summary>Hands mails to the SMTP server, or writes them into the folder.</summary>
public sealed class MailSender(IOptions<MailOptions> options, IOptions<SiteOptions> site, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private string SiteHost => new Uri(site.Value.Origin).Host;

    /// <exception cref="MailRefusedException">Nothing was sent, or the server is not sure.</exception>
    public async Task SendAsync(Guid id, string kind, string to, ComposedMail mail, CancellationToken cancellationToken)
    {
        if (!MailAddress.TryCreate(to, out var recipient))
        {
            throw new MailRefusedException("The address is not one that mail can be sent to.");
        }

        using var message = new MailMessage(new MailAddress(options.Value.From is { Length: > 0 } from ? from : $"ChatSphere <no-reply@{SiteHost}>"), recipient)
        {
            Subject = mail.Subject,
            SubjectEncoding = Encoding.UTF8,
        };

        // The same for every attempt, so that a mail sent twice can be known as one.
        message.Headers.Add("Message-ID", $"<{id:n}@{SiteHost}>");
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.AlternateViews.Add(View(mail.Text, MediaTypeNames.Text.Plain));
        message.AlternateViews.Add(View(mail.Html, MediaTypeNames.Text.Html));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.Timeout);
        try
        {
            if (options.Value.Host is { Length: > 0 } host)
            {
                using var client = new SmtpClient(host, options.Value.Port) { EnableSsl = options.Value.Security == MailSecurity.StartTls };
                client.Credentials = options.Value.UserName is { Length: > 0 } user ? new NetworkCredential(user, options.Value.Password) : null;
                await client.SendMailAsync(message, limit.Token);
            }
            else
            {
                await WriteAsync(message, id, kind, limit.Token);
            }
        }
        catch (SmtpException e)
        {
            throw new MailRefusedException($"The mail server did not take it: {e.StatusCode} ({e.GetBaseException().GetType().Name}).");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MailRefusedException($"The mail server did not take it within {options.Value.Timeout.TotalSeconds:0} s.");
        }
    }

    /// <summary>Whole or not at all: who watches the folder never sees half a mail.</summary>
    private async Task WriteAsync(MailMessage message, Guid id, string kind, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(options.Value.Folder!);
        var draft = Path.Combine(folder, $".{id:n}");
        CreatePrivate(folder);
        CreatePrivate(draft);
        using (var client = new SmtpClient { DeliveryMethod = SmtpDeliveryMethod.SpecifiedPickupDirectory, PickupDirectoryLocation = draft })
        {
            await client.SendMailAsync(message, cancellationToken);
        }

        File.Move(Directory.EnumerateFiles(draft).Single(), Path.Combine(folder, $"{time.GetUtcNow():yyyyMMdd'T'HHmmss.fff}-{kind}-{id:n}.eml"), overwrite: true);
        Directory.Delete(draft, recursive: true);
    }

    // The files hold links that open accounts.
    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    /// <summary>Readable as it stands where it is plain ASCII, links included.</summary>
    private static AlternateView View(string text, string type) =>
        new(new MemoryStream(Encoding.UTF8.GetBytes(text)), new ContentType(type) { CharSet = "utf-8" }) { TransferEncoding = Ascii.IsValid(text) && text.Split('\n').All(l => l.Length < 900) ? TransferEncoding.SevenBit : TransferEncoding.QuotedPrintable };
}
