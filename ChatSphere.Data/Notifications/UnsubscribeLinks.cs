using System.Buffers.Text;
using System.Security.Cryptography;
using ChatSphere.Data.Secrets;

namespace ChatSphere.Data.Notifications;

/// <summary>A link that ends mails to one account, without signing in and for as long as the key lives: who has an old mail wants no new ones either.</summary>
public sealed class UnsubscribeLinks(SecretBox secrets)
{
    private const string Purpose = "notifications.unsubscribe";

    public string TokenFor(Guid accountId) => Base64Url.EncodeToString(secrets.Protect(Purpose, accountId.ToByteArray()));

    /// <summary>Null: not one of ours.</summary>
    public Guid? AccountOf(string token)
    {
        if (!Base64Url.IsValid(token) || token.Length > 400)
        {
            return null;
        }

        try
        {
            var bytes = secrets.Unprotect(Purpose, Base64Url.DecodeFromChars(token));
            return bytes.Length == 16 ? new Guid(bytes) : null;
        }
        catch (Exception e) when (e is CryptographicException or MissingEncryptionKeyException)
        {
            return null;
        }
    }
}
