namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>409: only an answer at the end of its branch can go on.</summary>
    public const string NotContinuable = "not_continuable";

    /// <summary>409: one of this name is there already.</summary>
    public const string NameTaken = "name_taken";

    /// <summary>409: another import of this person is still running.</summary>
    public const string ImportRunning = "import_running";

    /// <summary>409: there are as many as one may have; the detail names the number.</summary>
    public const string TooMany = "too_many";
}
