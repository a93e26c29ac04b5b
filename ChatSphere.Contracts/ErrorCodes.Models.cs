namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>422: the connection was tried and does not work; <c>detail</c> says what failed. Nothing was kept.</summary>
    public const string ProviderTestFailed = "provider_test_failed";

    /// <summary>409: another connection has this name.</summary>
    public const string ProviderNameTaken = "provider_name_taken";

    /// <summary>409: somebody else has changed it meanwhile.</summary>
    public const string ProviderChanged = "provider_changed";

    /// <summary>409: so many connections or keys that no more are taken.</summary>
    public const string ProviderTooMany = "provider_too_many";

    /// <summary>403: this deployment takes no keys of one's own.</summary>
    public const string OwnKeysOff = "own_keys_off";

    /// <summary>400: the address is not one that may be used.</summary>
    public const string ProviderEndpointInvalid = "provider_endpoint_invalid";
}
