using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

internal static partial class AccountsModule
{
    // Guesses at a password or a code by whoever has taken over a session: too few to get anywhere, and none of other people's business.
    private static readonly RateLimitClass Proof = new("proof", false, _ => 10);

    private static void AddFactors(IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<IPasskeyHandler<Account>, PasskeyHandler<Account>>();
        builder.Services.AddOptions<IdentityPasskeyOptions>().Configure<IOptions<SiteOptions>>((passkeys, site) =>
        {
            var origin = new Uri(site.Value.Origin);
            passkeys.ServerDomain = origin.Host;
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";

            // The browser's page is Web's, not ours, so the request's own host says nothing.
            passkeys.ValidateOrigin = context => ValueTask.FromResult(!context.CrossOrigin && context.Origin == origin.GetLeftPart(UriPartial.Authority));
        });
        builder.Services.AddScoped<PasskeyCeremonies>();
        builder.Services.AddScoped<AuthenticatorApps>();
        builder.Services.AddScoped<RecoveryCodes>();
        builder.Services.AddOptions<ExternalSignInOptions>().BindConfiguration(ExternalSignInOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ExternalSignInOptions>, ExternalSignInProblems>();
        builder.Services.AddHttpClient(ExternalProvider.ClientName, client =>
        {
            client.Timeout = ExternalProvider.ResponseTimeout;
            client.MaxResponseContentBufferSize = ExternalProvider.MaxResponseBytes;
            client.DefaultRequestHeaders.UserAgent.ParseAdd("ChatSphere");
        }).RemoveAllResilienceHandlers().ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) });
        builder.Services.AddSingleton<ExternalProviders>();
        builder.Services.AddScoped<ExternalSignIns>();
    }

    private static void MapFactors(RouteGroupBuilder accounts)
    {
        var me = accounts.MapGroup("/me");
        me.MapGet("/factors", GetFactors.HandleAsync).WithName("GetFactors").WithSummary("How one proves who one is").Requires(Permissions.AccountRead);
        me.MapPost("/totp", SetUpTotp.BeginAsync).WithName("BeginTotp").WithSummary("Show a new authenticator app's secret; it counts once a code confirms it").Requires(Permissions.AccountManage).RequiresRecentAuthentication();
        me.MapPost("/totp/confirm", SetUpTotp.ConfirmAsync).WithName("ConfirmTotp").WithSummary("Put the authenticator app to use").WithMetadata(Proof).Requires(Permissions.AccountManage).RequiresRecentAuthentication();
        me.MapDelete("/totp", RemoveTotp.HandleAsync).WithName("RemoveTotp").WithSummary("Remove the authenticator app and its recovery codes").ProducesProblem(409).Requires(Permissions.AccountManage).RequiresRecentAuthentication();
        me.MapPost("/recovery-codes", MakeRecoveryCodes.HandleAsync).WithName("MakeRecoveryCodes").WithSummary("Make ten new recovery codes in place of the old").ProducesProblem(409).Requires(Permissions.AccountManage).RequiresRecentAuthentication();
        me.MapGet("/passkeys", GetFactors.ListPasskeysAsync).WithName("ListPasskeys").WithSummary("One's passkeys").Requires(Permissions.AccountRead);
        me.MapPost("/passkeys/options", AddPasskey.OptionsAsync).WithName("BeginPasskey").WithSummary("What a browser needs to make a passkey").Requires(Permissions.AccountManage).RequiresRecentAuthentication();
        me.MapPost("/passkeys", AddPasskey.HandleAsync).WithName("AddPasskey").WithSummary("Add a passkey").ProducesProblem(409).Requires(Permissions.AccountManage).RequiresRecentAuthentication();
        me.MapPatch("/passkeys/{passkeyId:guid}", RenamePasskey.HandleAsync).WithName("RenamePasskey").WithSummary("Rename a passkey").ProducesProblem(404).Requires(Permissions.AccountManage);
        me.MapDelete("/passkeys/{passkeyId:guid}", RemovePasskey.HandleAsync).WithName("RemovePasskey").WithSummary("Remove a passkey").ProducesProblem(404).ProducesProblem(409).Requires(Permissions.AccountManage).RequiresRecentAuthentication();
        me.MapPost("/reauthenticate", Reauthenticate.HandleAsync).WithName("Reauthenticate").WithSummary("Prove again who it is").WithMetadata(Proof).ProducesProblem(403).Requires(Permissions.AccountManage);
        me.MapPost("/reauthenticate/passkey-options", Reauthenticate.OptionsAsync).WithName("BeginReauthentication").WithSummary("What a browser needs to prove it with a passkey").Requires(Permissions.AccountManage);
        me.MapPost("/reauthenticate/external/{provider}", LinkAccounts.StartReauthenticationAsync).WithName("BeginExternalReauthentication").WithSummary("Where to send a browser to prove it elsewhere").ProducesProblem(404).Requires(Permissions.AccountManage);
        me.MapGet("/external", LinkAccounts.ListAsync).WithName("ListLinkedAccounts").WithSummary("Accounts elsewhere that sign in to one's own").Requires(Permissions.AccountRead);
        me.MapPost("/external/{provider}/start", LinkAccounts.StartAsync).WithName("BeginLinking").WithSummary("Where to send a browser to link an account elsewhere").ProducesProblem(404).Requires(Permissions.AccountManage).RequiresRecentAuthentication();
        me.MapPost("/external/callback", LinkAccounts.FinishAsync).WithName("FinishLinking").WithSummary("Bring back what the provider answered").WithMetadata(Proof).ProducesProblem(409).Requires(Permissions.AccountManage);
        me.MapDelete("/external/{provider}", LinkAccounts.RemoveAsync).WithName("RemoveLinkedAccount").WithSummary("Unlink an account elsewhere").ProducesProblem(404).ProducesProblem(409).Requires(Permissions.AccountManage).RequiresRecentAuthentication();

        var signIn = accounts.MapGroup("").AllowAnonymous().WithMetadata(RateLimitClass.SignIn);
        signIn.MapPost("/sign-in/second-factor", BringSecondFactor.HandleAsync).WithName("BringSecondFactor").WithSummary("Complete a sign-in with a code").ProducesProblem(401);
        signIn.MapPost("/passkeys/options", SignInWithPasskey.OptionsAsync).WithName("BeginPasskeySignIn").WithSummary("What a browser needs to sign in with a passkey");
        signIn.MapPost("/sign-in/passkey", SignInWithPasskey.HandleAsync).WithName("SignInWithPasskey").WithSummary("Begin a session with a passkey, or complete a sign-in with it").ProducesProblem(401);
        signIn.MapPost("/external/{provider}/start", SignInElsewhere.StartAsync).WithName("BeginExternalSignIn").WithSummary("Where to send a browser to sign in elsewhere").ProducesProblem(404).ProducesProblem(503);
        signIn.MapPost("/external/callback", SignInElsewhere.FinishAsync).WithName("FinishExternalSignIn").WithSummary("Begin a session with what the provider answered").ProducesProblem(401).ProducesProblem(409);
        accounts.MapGet("/external", SignInElsewhere.List).AllowAnonymous().WithName("ListExternalProviders").WithSummary("Where else one can sign in");
    }

    private sealed class ExternalSignInProblems : IValidateOptions<ExternalSignInOptions>
    {
        public ValidateOptionsResult Validate(string? name, ExternalSignInOptions options) => options.Problem() is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;
    }
}
