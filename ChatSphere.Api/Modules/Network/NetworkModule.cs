using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Api.Modules.Network;

internal static class NetworkModule
{
    public static IEndpointRouteBuilder MapNetwork(this IEndpointRouteBuilder v1)
    {
        var rules = v1.MapGroup("/network/rules").WithTags("Network").Requires(Permissions.SystemManage);
        rules.MapGet("", ListAddressRules.HandleAsync).WithName("ListAddressRules").WithSummary("Which addresses get in and which do not");
        rules.MapPost("", AddAddressRule.HandleAsync).WithName("AddAddressRule").WithSummary("Let a network in, or refuse it; every node knows within five seconds").ProducesProblem(409);
        rules.MapDelete("/{ruleId:guid}", RemoveAddressRule.HandleAsync).WithName("RemoveAddressRule").WithSummary("Take a rule away").ProducesProblem(404).ProducesProblem(409);
        return v1;
    }
}
