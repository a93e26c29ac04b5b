namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>403: requests from this address are not taken.</summary>
    public const string AddressDenied = "address_denied";

    /// <summary>409: with this rule, the address that asks for it would be refused; <c>force</c> does it all the same.</summary>
    public const string AddressRuleLocksOut = "address_rule_locks_out";

    /// <summary>409: there is such a rule for this network already.</summary>
    public const string AddressRuleExists = "address_rule_exists";
}
