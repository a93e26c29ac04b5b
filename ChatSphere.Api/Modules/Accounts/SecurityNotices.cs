using System.Globalization;
using ChatSphere.Api.Http;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Notifications;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>Tells people by mail what was done to their account, so that they notice when it was not them.</summary>
internal sealed class SecurityNotices(MailOutbox mails, IHttpContextAccessor http, TimeProvider time)
{
    /// <summary>Queues the notice; the caller saves.</summary>
    /// <param name="change">A sentence of ours, such as "Your password was changed."; never what somebody wrote.</param>
    /// <param name="to">The address, where it is not the account's own: the one before a change.</param>
    public void Tell(Account account, string change, string? to = null)
    {
        if (to is null && account.Email is not { Length: > 0 })
        {
            return;
        }

        mails.Queue(account.Id, to ?? account.Email!, MailKinds.SecurityChanged, With(account, ("change", change)));
    }

    /// <summary>A session has begun somewhere the account has not been seen before.</summary>
    public void TellOfNewSignIn(Account account, Session session)
    {
        if (account.Email is { Length: > 0 } to)
        {
            mails.Queue(account.Id, to, MailKinds.NewSignIn, With(account));
        }
    }

    /// <summary>Name, time, and where the request at hand comes from.</summary>
    private Dictionary<string, string> With(Account account, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var values = new Dictionary<string, string>
        {
            ["name"] = account.DisplayName,
            ["when"] = time.GetUtcNow().ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture),
            ["device"] = Devices.Name(http.HttpContext?.Request.Headers.UserAgent.ToString() ?? ""),
            ["network"] = RequestActor.NetworkOf(http.HttpContext?.Connection.RemoteIpAddress) ?? "unknown",
        };
        foreach (var (name, value) in more)
        {
            values[name] = value;
        }

        return values;
    }
}
