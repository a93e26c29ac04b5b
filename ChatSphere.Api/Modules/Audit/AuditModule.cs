using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;

namespace ChatSphere.Api.Modules.Audit;

internal static class AuditModule
{
    public static IHostApplicationBuilder AddAudit(this IHostApplicationBuilder builder) => builder.AddAuditChain();

    public static IEndpointRouteBuilder MapAudit(this IEndpointRouteBuilder v1)
    {
        var audit = v1.MapGroup("/audit").WithTags("Audit").Requires(Permissions.AuditRead);
        audit.MapGet("/events", ListAuditEvents.HandleAsync).WithName("ListAuditEvents").WithSummary("Search the audit log, newest first");
        audit.MapGet("/export", ExportAuditEvents.HandleAsync).WithName("ExportAuditEvents").WithSummary("The audit log as JSON lines or CSV, oldest first, with what is needed to check the chain elsewhere")
            .WithMetadata(RateLimitClass.Expensive).Produces(200, contentType: "application/x-ndjson");
        audit.MapGet("/verification", VerifyAuditChain.HandleAsync).WithName("VerifyAuditChain").WithSummary("Read the whole chain and say whether it is whole, and else where not")
            .WithMetadata(RateLimitClass.Expensive);
        audit.MapGet("/keys", ListAuditKeys.HandleAsync).WithName("ListAuditKeys").WithSummary("The public keys of checkpoints");
        audit.MapGet("/rights", GetRightsThen.HandleAsync).WithName("GetRightsThen").WithSummary("What an account was allowed at a moment, told from the log alone").ProducesProblem(404);
        v1.MapGet("/accounts/me/security-events", ListSecurityEvents.HandleAsync).WithTags("Accounts").WithName("ListSecurityEvents").WithSummary("What happened to one's own account, newest first").Requires(Permissions.AccountRead);
        return v1;
    }
}
