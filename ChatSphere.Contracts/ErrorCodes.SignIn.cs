namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>429: too many wrong passwords for this account from strange places, or from this network; <c>Retry-After</c> says when to come back.</summary>
    public const string SignInThrottled = "sign_in_throttled";

    /// <summary>401: the password is right; the e-mail has to be confirmed first, by the link that was mailed.</summary>
    public const string EmailNotConfirmed = "email_not_confirmed";

    /// <summary>400: the current password is wrong.</summary>
    public const string PasswordWrong = "password_wrong";
}
