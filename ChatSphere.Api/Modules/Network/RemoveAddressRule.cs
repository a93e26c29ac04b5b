using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Network;

internal static class RemoveAddressRule
{
    /// <param name="force">Also when what remains refuses the address that asks for it.</param>
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid ruleId, HttpContext http, ChatSphereDb db, AddressLists lists, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken, bool force = false)
    {
        var now = time.GetUtcNow();
        var rules = await db.AddressRules.Where(r => r.Id == ruleId || r.ExpiresAt == null || r.ExpiresAt > now).ToListAsync(cancellationToken);
        if (rules.Find(r => r.Id == ruleId) is not { } rule)
        {
            return Problems.NotFound();
        }

        if (!force && !new AddressList(rules.Where(r => r.Id != ruleId).Select(r => (r.Cidr, r.Kind))).LetsIn(http.Connection.RemoteIpAddress))
        {
            return Problems.Conflict(ErrorCodes.AddressRuleLocksOut, $"Without this rule your own address, {http.Connection.RemoteIpAddress?.Plain()}, would be refused.");
        }

        db.AddressRules.Remove(rule);
        audit.Record(AuditActions.AddressRuleRemoved, "address_rule", rule.Id, new { cidr = rule.Cidr, kind = rule.Kind.ToString(), forced = force });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody else has just taken it away.
            return Problems.NotFound();
        }

        await lists.LoadAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
