namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>409: an export of this account is being made already.</summary>
    public const string ExportInProgress = "export_in_progress";

    /// <summary>409: the export is not ready, has failed or has expired.</summary>
    public const string ExportNotReady = "export_not_ready";

    /// <summary>409: this account is waiting to be erased already, or is being erased, or is gone.</summary>
    public const string ErasureInProgress = "erasure_in_progress";

    /// <summary>409: the erasure has begun, is done or was cancelled.</summary>
    public const string ErasureNotCancellable = "erasure_not_cancellable";

    /// <summary>409: it would leave nobody who is administrator.</summary>
    public const string LastAdministrator = "last_administrator";

    /// <summary>409: the account's data is kept for legal reasons and cannot be deleted now.</summary>
    public const string LegalHold = "legal_hold";
}
