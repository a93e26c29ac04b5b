namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>409: only an answer at the end of its branch can go on.</summary>
    public const string NotContinuable = "not_continuable";

    /// <summary>409: there are as many as one may have; the detail names the number.</summary>
    public const string TooMany = "too_many";
}
