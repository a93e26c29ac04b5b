using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Api.Modules.Accounts;

internal static partial class AccountsModule
{
    private static void MapApiKeys(RouteGroupBuilder accounts)
    {
        var keys = accounts.MapGroup("/me/api-keys");
        keys.MapGet("", ListApiKeys.HandleAsync).Requires(Permissions.AccountRead).WithName("ListApiKeys").WithSummary("My API keys that work, newest first");
        keys.MapPost("", CreateApiKey.HandleAsync).Requires(Permissions.AccountManage).RequiresRecentAuthentication().WithName("CreateApiKey").WithSummary("Make an API key; it is shown once").ProducesProblem(409);
        keys.MapDelete("/{keyId:guid}", RevokeApiKey.HandleAsync).Requires(Permissions.AccountManage).WithName("RevokeApiKey").WithSummary("Make an API key worthless").ProducesProblem(404);
    }
}
