using ChatSphere.Api.Http;
using ChatSphere.Contracts.Network;
using ChatSphere.Data;
using ChatSphere.Data.Network;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using AddressRuleKind = ChatSphere.Contracts.Network.AddressRuleKind;

namespace ChatSphere.Api.Modules.Network;

internal static class ListAddressRules
{
    public static async Task<Ok<AddressRulesResponse>> HandleAsync(HttpContext http, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var rules = await db.AddressRules.AsNoTracking().Where(r => r.ExpiresAt == null || r.ExpiresAt > now).OrderByDescending(r => r.Id).ToListAsync(cancellationToken);
        return TypedResults.Ok(new AddressRulesResponse([.. rules.Select(ToResponse)], http.Connection.RemoteIpAddress?.Plain().ToString() ?? ""));
    }

    public static AddressRuleResponse ToResponse(AddressRule rule) =>
        new(rule.Id, rule.Cidr, rule.Kind == Data.Network.AddressRuleKind.Allow ? AddressRuleKind.Allow : AddressRuleKind.Deny, rule.Note, rule.CreatedAt, rule.ExpiresAt);
}
