using System.Net;
using System.Text;
using ChatSphere.Data;
using ChatSphere.Data.Notifications;
using Microsoft.Extensions.Options;

namespace ChatSphere.Worker.Modules.Notifications;

/// <param name="Html">The same words with the link as a link.</param>
public sealed record ComposedMail(string Subject, string Text, string Html);

/// <summary>
/// The words of each kind of mail. Subjects are fixed. Values come from people: on one line in the text, encoded in the HTML, and never more than a name to an address that
/// has not been confirmed, so that nobody can send their own words to strangers through us. Links lead to this site only.
/// </summary>
public sealed class MailComposer(IOptions<SiteOptions> site)
{
    private sealed record Words(string Subject, string Greeting, string[] Before, string? LinkText, string[] After);

    public ComposedMail Compose(string kind, MailContent content)
    {
        var words = Of(kind, content);
        var link = words.LinkText is null ? null : Link(content);
        var text = new StringBuilder().Append(words.Greeting).Append("\r\n\r\n");
        var html = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><body style=\"font-family:sans-serif;line-height:1.5\">").Append("<p>").Append(WebUtility.HtmlEncode(words.Greeting)).Append("</p>");
        Add(words.Before);
        if (link is not null)
        {
            text.Append(words.LinkText).Append(":\r\n").Append(link).Append("\r\n\r\n");
            var encoded = WebUtility.HtmlEncode(link);
            html.Append("<p><a href=\"").Append(encoded).Append("\">").Append(WebUtility.HtmlEncode(words.LinkText)).Append("</a></p><p>").Append(encoded).Append("</p>");
        }

        Add(words.After);
        var origin = site.Value.Origin.TrimEnd('/');
        text.Append("ChatSphere, ").Append(origin).Append("\r\n");
        html.Append("<p>ChatSphere, ").Append(WebUtility.HtmlEncode(origin)).Append("</p></body></html>");
        return new ComposedMail(words.Subject, text.ToString(), html.ToString());

        void Add(string[] paragraphs)
        {
            foreach (var paragraph in paragraphs)
            {
                text.Append(paragraph).Append("\r\n\r\n");
                html.Append("<p>").Append(WebUtility.HtmlEncode(paragraph)).Append("</p>");
            }
        }
    }

    private static Words Of(string kind, MailContent content)
    {
        string Value(string name) => OneLine(content.Values.GetValueOrDefault(name) ?? "");
        var hello = Value("name") is { Length: > 0 } name ? $"Hello {name}," : "Hello,";
        string[] whence = [$"When: {Value("when")}. Device: {Value("device")}. Network: {Value("network")}."];
        var stop = $"To get no more of these mails: {Value("stop")}";
        const string NotYou = "If this was not you, change your password and look through your devices under Settings.";
        return kind switch
        {
            MailKinds.ConfirmEmail => new("Confirm your e-mail", "Hello,", ["This address was given for an account at ChatSphere."], "Confirm your e-mail", [$"The link works once, for {Value("hours")} hours. If you did not ask for an account, do nothing: without the link there is none."]),
            MailKinds.AccountExists => new("You already have an account", hello, ["Somebody, perhaps you, wanted to use this address for an account at ChatSphere. There is one with it already, and it was left as it is."], "Set a new password if you have forgotten yours", []),
            MailKinds.ResetPassword => new("Set a new password", hello, ["A new password for your account was asked for."], "Set a new password", [$"The link works once, for {Value("minutes")} minutes. If you did not ask for it, do nothing: your password stays as it is."]),
            MailKinds.Invitation => new("You have an account", hello, ["An account at ChatSphere was made for you. Choose a password to sign in with."], "Choose a password", [$"The link works once, for {Value("days")} days. After that, ask for a new password where you sign in."]),
            MailKinds.ChangeEmail => new("Confirm your new e-mail", "Hello,", ["This address was given as the new e-mail of an account at ChatSphere."], "Change to this e-mail", [$"The link works once, for {Value("hours")} hours. If you know nothing of this, do nothing."]),
            MailKinds.EmailChanged => new("Your e-mail was changed", hello, ["Your account at ChatSphere has another e-mail now; this address does not belong to it any more.", "If this was not you, tell whoever runs this ChatSphere."], null, []),
            MailKinds.NewSignIn => new("New sign-in to your account", hello, ["Your account was signed in to from a place or device that it has not been seen at before.", .. whence, NotYou], null, []),
            MailKinds.SecurityChanged => new("Your account's security was changed", hello, [Value("change"), .. whence, NotYou], null, []),
            MailKinds.ExportReady => new("Your data is ready", hello, ["The copy of your data that you asked for is ready."], "Fetch it", ["The link stops working after a while; until then it asks you to sign in."]),
            MailKinds.ErasureRequested => new("Your account will be deleted", hello, [$"The deletion of your account and everything in it was asked for. It happens on {Value("due")}.", NotYou], content.Values.ContainsKey("link") ? "Keep my account" : null, []),
            MailKinds.ErasureCancelled => new("Your account stays", hello, ["The deletion of your account was called off. Nothing was deleted."], null, []),
            MailKinds.AccountErased => new("Your account was deleted", "Hello,", ["Your account at ChatSphere and what belonged to it were deleted. This is the last mail from us, and this address is forgotten with it."], null, []),
            MailKinds.UnreadMessages => new("Messages are waiting for you", hello, [Value("count") == "1" ? "A message for you has not been read yet." : $"{Value("count")} messages for you have not been read yet."], "Open your inbox", [stop]),
            MailKinds.Digest => new("What you have not read", hello, [Value("count") == "1" ? "One entry of your inbox is new and unread." : $"{Value("count")} entries of your inbox are new and unread."], "Open your inbox", [stop]),
            _ => throw new InvalidOperationException($"There are no words for a mail of kind {kind}."),
        };
    }

    private string Link(MailContent content) =>
        content.Values.GetValueOrDefault("link") is { } link && Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority) == site.Value.Origin.TrimEnd('/')
            ? uri.AbsoluteUri
            : throw new InvalidOperationException("The link of a mail does not lead to this site.");

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)).Trim();
}
