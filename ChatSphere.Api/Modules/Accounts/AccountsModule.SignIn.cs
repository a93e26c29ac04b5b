using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

internal static partial class AccountsModule
{
    // No body of these routes is longer; more is refused unread.
    private const int MaxBody = 32 * 1024;

    private static void AddSignIn(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AccountsOptions>().BindConfiguration(AccountsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<SignInProtectionOptions>().BindConfiguration(SignInProtectionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<PasswordHasherOptions>().Configure<IOptions<AccountsOptions>>((hasher, accounts) => hasher.IterationCount = accounts.Value.PasswordIterations);
        builder.Services.AddSingleton<IPostConfigureOptions<TokenOptions>, IssuerFromSite>();
        builder.Services.AddSingleton<PasswordHashing>();
        builder.Services.AddSingleton<IPasswordHasher<Account>>(services => services.GetRequiredService<PasswordHashing>());
        builder.Services.AddSingleton<EvenAnswers>();
        builder.Services.AddScoped<EmailConfirmation>();
        builder.Services.AddScoped<MailLimits>();
        builder.Services.AddScoped<PasswordChange>();
        builder.Services.AddScoped<SignInProtection>();
    }

    private static void MapSignIn(RouteGroupBuilder accounts)
    {
        var mailed = accounts.MapGroup("").AllowAnonymous().WithMetadata(RateLimitClass.SignIn, new RequestSizeLimitAttribute(MaxBody)).ProducesProblem(400);
        mailed.MapPost("/email/confirm", ConfirmEmail.HandleAsync).WithName("ConfirmEmail").WithSummary("Confirm an e-mail by the token of its mail");
        mailed.MapPost("/email/confirmations", RequestConfirmation.HandleAsync).WithName("RequestConfirmation").WithSummary("Mail the confirmation again; the same answer for every address");
        mailed.MapPost("/email/change", ChangeEmail.HandleAsync).WithName("ChangeEmail").WithSummary("Change to the new e-mail by the token of its mail");
        mailed.MapPost("/password/forgot", ForgotPassword.HandleAsync).WithName("ForgotPassword").WithSummary("Mail a link to set a new password; the same answer for every address");
        mailed.MapPost("/password/reset", ResetPassword.HandleAsync).WithName("ResetPassword").WithSummary("Set a new password by the token of the mail; ends all sessions and begins none");

        var mine = accounts.MapGroup("/me").WithMetadata(new RequestSizeLimitAttribute(MaxBody));
        mine.MapPost("/password", ChangePassword.HandleAsync).Requires(Permissions.AccountManage).WithMetadata(RateLimitClass.SignIn).WithName("ChangePassword").WithSummary("Change my password; ends my other sessions")
            .ProducesProblem(400).ProducesProblem(403);
        mine.MapPost("/email", RequestEmailChange.HandleAsync).Requires(Permissions.AccountManage).WithMetadata(RateLimitClass.SignIn).WithName("RequestEmailChange").WithSummary("Mail a link to my new address; it changes when the link is used")
            .RequiresRecentAuthentication();
        mine.MapGet("/sessions", ListSessions.HandleAsync).Requires(Permissions.AccountRead).WithName("ListSessions").WithSummary("Where I am signed in, last used first");
        mine.MapDelete("/sessions", EndSessions.HandleAsync).Requires(Permissions.AccountManage).WithName("EndSessions").WithSummary("Sign out my other devices; with includingThis=true this one too").RequiresRecentAuthentication();
        mine.MapDelete("/sessions/{sessionId:guid}", EndSession.HandleAsync).Requires(Permissions.AccountManage).WithName("EndSession").WithSummary("Sign out one device").ProducesProblem(404).RequiresRecentAuthentication();
    }

    private static void MapDiscovery(IEndpointRouteBuilder app)
    {
        foreach (var document in (string[])["openid-configuration", "oauth-authorization-server"])
        {
            app.MapGet($"/.well-known/{document}", Discovery.Handle).AllowAnonymous().ExcludeFromDescription();
        }
    }
}
