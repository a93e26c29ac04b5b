using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data.Privacy;

namespace ChatSphere.Api.Modules.Privacy;

internal static class PrivacyModule
{
    public static IHostApplicationBuilder AddPrivacy(this IHostApplicationBuilder builder)
    {
        builder.AddPrivacyOptions();
        builder.Services.AddExportFiles();
        builder.Services.AddScoped<ErasureRequests>();
        return builder;
    }

    public static IEndpointRouteBuilder MapPrivacy(this IEndpointRouteBuilder v1)
    {
        var me = v1.MapGroup("/accounts/me").WithTags("Privacy");
        me.MapPost("/exports", RequestExport.MineAsync).Requires(Permissions.AccountManage).RequiresRecentAuthentication().WithName("RequestExport").WithSummary("Have everything I have put into a ZIP file; a mail says when it is ready").ProducesProblem(409);
        me.MapGet("/exports", ListExports.MineAsync).Requires(Permissions.AccountManage).WithName("ListMyExports").WithSummary("My exports, newest first");
        me.MapGet("/exports/{exportId:guid}/content", DownloadExport.MineAsync).Requires(Permissions.AccountManage).RequiresRecentAuthentication().WithName("DownloadMyExport").WithSummary("The ZIP file").Produces(200, contentType: "application/zip").ProducesProblem(404).ProducesProblem(409);
        me.MapDelete("/exports/{exportId:guid}", DeleteExport.HandleAsync).Requires(Permissions.AccountManage).WithName("DeleteMyExport").WithSummary("Delete an export before it expires, or stop making it").ProducesProblem(404);
        me.MapPost("/erasure", RequestErasure.MineAsync).Requires(Permissions.AccountManage).RequiresRecentAuthentication().WithName("EraseMe").WithSummary("Delete my account and everything I have: it is disabled at once and erased after a grace period, until which the link in the mail cancels it").ProducesProblem(409);
        me.MapGet("/consents", GetConsents.HandleAsync).Requires(Permissions.AccountManage).WithName("GetMyConsents").WithSummary("What I have agreed to, and what I am still asked");
        me.MapPost("/consents", GiveConsent.HandleAsync).Requires(Permissions.AccountManage).WithName("GiveConsent").WithSummary("Agree to the current version of a text, or withdraw").ProducesProblem(404);
        me.MapGet("/retention", OwnRetentionRoutes.GetAsync).Requires(Permissions.AccountManage).WithName("GetMyRetention").WithSummary("After how long what is mine is deleted by itself");
        me.MapPut("/retention", OwnRetentionRoutes.SetAsync).Requires(Permissions.AccountManage).WithName("SetMyRetention").WithSummary("Have my conversations deleted when I have not used them for so long");
        v1.MapPost("/accounts/erasure/cancel", CancelErasure.ByLinkAsync).AllowAnonymous().WithMetadata(RateLimitClass.SignIn).WithTags("Privacy").WithName("CancelMyErasure").WithSummary("Keep the account after all, by the link in the mail").ProducesProblem(409);

        var users = v1.MapGroup("/users/{accountId:guid}").WithTags("Privacy");
        users.MapPost("/erasure", RequestErasure.ForOtherAsync).Requires(Permissions.PrivacyManage).RequiresRecentAuthentication().WithName("EraseAccount").WithSummary("Erase somebody's account after the grace period").ProducesProblem(404).ProducesProblem(409);
        users.MapPost("/export", RequestExport.ForOtherAsync).Requires(Permissions.PrivacyManage).RequiresRecentAuthentication().WithName("ExportAccount").WithSummary("Export everything that somebody has").ProducesProblem(404).ProducesProblem(409);

        var privacy = v1.MapGroup("/privacy").WithTags("Privacy");
        privacy.MapGet("/policies", ListPolicies.HandleAsync).AllowAnonymous().WithName("ListPolicies").WithSummary("The current texts that people agree to");
        privacy.MapPost("/policies", PublishPolicy.HandleAsync).Requires(Permissions.PrivacyManage).WithName("PublishPolicy").WithSummary("Publish a new version of a text");
        privacy.MapGet("/exports", ListExports.AllAsync).Requires(Permissions.PrivacyManage).WithName("ListExports").WithSummary("Exports that administrators asked for, newest first");
        privacy.MapGet("/exports/{exportId:guid}/content", DownloadExport.ForOtherAsync).Requires(Permissions.PrivacyManage).RequiresRecentAuthentication().WithName("DownloadExport").WithSummary("The ZIP file of an export that an administrator asked for").Produces(200, contentType: "application/zip").ProducesProblem(404).ProducesProblem(409);
        privacy.MapGet("/erasures", ListErasures.HandleAsync).Requires(Permissions.PrivacyManage).WithName("ListErasures").WithSummary("Erasures, newest first");
        privacy.MapPost("/erasures/{erasureId:guid}/cancel", CancelErasure.HandleAsync).Requires(Permissions.PrivacyManage).WithName("CancelErasure").WithSummary("Keep an account that waits to be erased").ProducesProblem(404).ProducesProblem(409);
        privacy.MapGet("/retention", Retention.ListAsync).Requires(Permissions.PrivacyManage).WithName("ListRetention").WithSummary("How long what is kept");
        privacy.MapPut("/retention", Retention.SetAsync).Requires(Permissions.PrivacyManage).WithName("SetRetention").WithSummary("Set how long something is kept");
        privacy.MapGet("/retention/preview", Retention.PreviewAsync).Requires(Permissions.PrivacyManage).WithName("PreviewRetention").WithSummary("What a rule would delete now");
        privacy.MapGet("/holds", LegalHolds.ListAsync).Requires(Permissions.PrivacyManage).WithName("ListHolds").WithSummary("Legal holds, newest first");
        privacy.MapPost("/holds", LegalHolds.PlaceAsync).Requires(Permissions.PrivacyManage).WithName("PlaceHold").WithSummary("Keep everything of an account from being deleted").ProducesProblem(404).ProducesProblem(409);
        privacy.MapDelete("/holds/{holdId:guid}", LegalHolds.LiftAsync).Requires(Permissions.PrivacyManage).WithName("LiftHold").WithSummary("Lift a legal hold").ProducesProblem(404);
        return v1;
    }
}
