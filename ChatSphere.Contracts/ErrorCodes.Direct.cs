namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>403: one of these people does not take messages from you.</summary>
    public const string MessagesNotAccepted = "messages_not_accepted";

    /// <summary>409: it is between two people, and stays so.</summary>
    public const string NotAGroup = "not_a_group";
}
