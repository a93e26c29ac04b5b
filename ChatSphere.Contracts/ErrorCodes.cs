namespace ChatSphere.Contracts;

/// <summary>The stable <c>code</c> of a problem response (RFC 9457). A code never changes its meaning.</summary>
public static partial class ErrorCodes
{
    /// <summary>400: the body is not JSON of the documented shape, or a field breaks its rule; <c>errors</c> says which.</summary>
    public const string RequestInvalid = "request_invalid";

    /// <summary>400: the cursor is not one that this route gave out.</summary>
    public const string CursorInvalid = "cursor_invalid";

    /// <summary>401: no token, or one that is expired, revoked or not ours.</summary>
    public const string TokenInvalid = "token_invalid";

    /// <summary>401: e-mail or password is wrong. The same for an unknown e-mail.</summary>
    public const string CredentialsInvalid = "credentials_invalid";

    /// <summary>401: the refresh token is unknown, expired, revoked, or was used before; its whole family is revoked then.</summary>
    public const string RefreshTokenInvalid = "refresh_token_invalid";

    /// <summary>401: the password was right; a second factor is needed. The problem carries <c>ticket</c> and <c>methods</c>.</summary>
    public const string SecondFactorNeeded = "second_factor_needed";

    /// <summary>403: a role of the account requires a second factor, and it has none yet.</summary>
    public const string SecondFactorRequired = "second_factor_required";

    /// <summary>403: prove again who you are, then repeat.</summary>
    public const string ReauthenticationRequired = "reauthentication_required";

    /// <summary>400: the one-time token is unknown, used, expired or for something else.</summary>
    public const string OneTimeTokenInvalid = "one_time_token_invalid";

    /// <summary>403: known, and not allowed.</summary>
    public const string PermissionMissing = "permission_missing";

    /// <summary>404: it does not exist, or you may not see it.</summary>
    public const string NotFound = "not_found";

    /// <summary>405: the route exists, for another method.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>409: an account with this e-mail exists.</summary>
    public const string EmailTaken = "email_taken";

    /// <summary>409: this Idempotency-Key was used with another request.</summary>
    public const string IdempotencyKeyReused = "idempotency_key_reused";

    /// <summary>409: this conversation is still being answered.</summary>
    public const string TurnInProgress = "turn_in_progress";

    /// <summary>409: the document is in a state in which this cannot be done.</summary>
    public const string DocumentStateConflict = "document_state_conflict";

    /// <summary>409: the bot was deleted; its conversations can be read but not continued.</summary>
    public const string BotDeleted = "bot_deleted";

    /// <summary>413: larger than allowed; the detail names the limit.</summary>
    public const string RequestTooLarge = "request_too_large";

    /// <summary>415: not a content type that this route takes.</summary>
    public const string ContentTypeUnsupported = "content_type_unsupported";

    /// <summary>400: the upload ended early or is not well-formed multipart.</summary>
    public const string UploadIncomplete = "upload_incomplete";

    /// <summary>400: the model is neither built in nor offered by the connected provider.</summary>
    public const string ModelUnknown = "model_unknown";

    /// <summary>429: too many requests; <c>Retry-After</c> says when to come back.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>503: a part that this needs is away; nothing was changed; try again.</summary>
    public const string DependencyUnavailable = "dependency_unavailable";

    /// <summary>500: our fault; the <c>traceId</c> finds it in the logs.</summary>
    public const string Unexpected = "unexpected";
}
