using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Network;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Network;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using AddressRuleKind = ChatSphere.Data.Network.AddressRuleKind;

namespace ChatSphere.Api.Modules.Network;

internal static class AddAddressRule
{
    public const int MaxRules = 1_000;

    public static async Task<Results<Created<AddressRuleResponse>, ProblemHttpResult>> HandleAsync(
        AddAddressRuleRequest request, HttpContext http, ChatSphereDb db, AddressLists lists, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Addresses.TryParseNetwork(request.Cidr.Trim(), out var network))
        {
            return Problems.Invalid("cidr", "Write an address or a network, such as 198.51.100.7, 203.0.113.0/24 or 2001:db8::/32.");
        }

        var note = request.Note?.Trim() ?? "";
        if (note.Length > 0 && TextRules.Problem(note) is { } unfit)
        {
            return Problems.Invalid("note", unfit);
        }

        var now = time.GetUtcNow();
        if (request.ExpiresAt <= now)
        {
            return Problems.Invalid("expiresAt", "That moment has passed.");
        }

        // An expired one stands in the way of nothing.
        var cidr = network.ToString();
        var kind = request.Kind == Contracts.Network.AddressRuleKind.Allow ? AddressRuleKind.Allow : AddressRuleKind.Deny;
        await db.AddressRules.Where(r => r.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        var rules = await db.AddressRules.AsNoTracking().Select(r => new { r.Cidr, r.Kind }).ToListAsync(cancellationToken);
        if (rules.Count >= MaxRules)
        {
            return Problems.Conflict(ErrorCodes.AddressRuleExists, $"There are {MaxRules} rules; take some away first, or write wider networks.");
        }

        if (!request.Force && !new AddressList([.. rules.Select(r => (r.Cidr, r.Kind)), (cidr, kind)]).LetsIn(http.Connection.RemoteIpAddress))
        {
            return Problems.Conflict(ErrorCodes.AddressRuleLocksOut, $"With this rule your own address, {http.Connection.RemoteIpAddress?.Plain()}, would be refused.");
        }

        var rule = new AddressRule { Id = Guid.CreateVersion7(now), Cidr = cidr, Kind = kind, Note = note, CreatedAt = now, ExpiresAt = request.ExpiresAt };
        db.AddressRules.Add(rule);
        audit.Record(AuditActions.AddressRuleAdded, "address_rule", rule.Id, new { cidr, kind = kind.ToString(), expiresAt = rule.ExpiresAt, forced = request.Force });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation })
        {
            return Problems.Conflict(ErrorCodes.AddressRuleExists, $"There is such a rule for {cidr} already.");
        }

        await lists.LoadAsync(cancellationToken);
        return TypedResults.Created($"/v1/network/rules/{rule.Id}", ListAddressRules.ToResponse(rule));
    }
}
