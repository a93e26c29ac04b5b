using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;

namespace ChatSphere.Api.Modules.Accounts;

internal static partial class AccountsModule
{
    public static IHostApplicationBuilder AddAccounts(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TokenOptions>().BindConfiguration(TokenOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddIdentityCore<Account>(options =>
        {
            options.User.RequireUniqueEmail = true;

            // Length is what counts (ASVS 5.0, 6.2); what a password may not be, Passwords says.
            options.Password = new PasswordOptions { RequiredLength = Passwords.MinLength, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false, RequiredUniqueChars = 1 };

            // The user name is the e-mail; what that may contain, its own check says.
            options.User.AllowedUserNameCharacters = "";
        }).AddEntityFrameworkStores<ChatSphereDb>().AddPasswordValidator<Passwords>();
        AddSignIn(builder);
        builder.Services.AddSingleton<AccessTokens>();
        builder.Services.AddSingleton<ApiKeys>();
        builder.Services.AddSingleton<LiveAccess>();
        builder.Services.AddSingleton<IStreamAccess>(services => services.GetRequiredService<LiveAccess>());
        builder.Services.AddScoped<SecurityNotices>();
        builder.Services.AddScoped<OneTimeTokens>();
        builder.Services.AddScoped<SignInSteps>();
        builder.Services.AddSingleton<RefreshTokens>();
        AddFactors(builder);
        builder.Services.AddAuthentication(BearerAuthentication.SchemeName).AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(BearerAuthentication.SchemeName, null);

        // What /health/detail asks for where it is defined.
        builder.Services.AddAuthorization(authorization => authorization.AddPolicy("admin", policy => policy.RequireAuthenticatedUser().AddRequirements(new PermissionRequirement(Permissions.SystemManage))));
        builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler, PermissionProblems>();
        return builder;
    }

    public static IEndpointRouteBuilder MapAccounts(this IEndpointRouteBuilder v1)
    {
        var accounts = v1.MapGroup("/accounts").WithTags("Accounts");
        var signIn = accounts.MapGroup("").AllowAnonymous().WithMetadata(RateLimitClass.SignIn, new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBody));
        signIn.MapPost("/register", Register.HandleAsync).WithName("Register").WithSummary("Make an account").ProducesProblem(409);
        signIn.MapPost("/sign-in", SignIn.HandleAsync).WithName("SignIn").WithSummary("Begin a session").ProducesProblem(401);
        MapSignIn(accounts);
        MapApiKeys(accounts);

        // Their tokens cannot be guessed, and a front end refreshes for all its people from one address.
        var sessions = accounts.MapGroup("").AllowAnonymous();
        sessions.MapPost("/refresh", Refresh.HandleAsync).WithName("Refresh").WithSummary("Exchange a refresh token for a new pair; each works once").ProducesProblem(401);
        sessions.MapPost("/sign-out", SignOut.HandleAsync).WithName("SignOut").WithSummary("End the session of the refresh token, or of the access token").ProducesProblem(401);
        accounts.MapGet("/me", GetMe.HandleAsync).WithName("GetMe").WithSummary("The signed-in account").Requires(Permissions.AccountRead);
        accounts.MapPost("/setup", SetUp.HandleAsync).WithName("SetUp").WithSummary("Become administrator by the token printed at the first start").WithMetadata(RateLimitClass.SignIn).Requires(Permissions.AccountManage);
        MapFactors(accounts);
        return v1;
    }

    public static IEndpointRouteBuilder MapTokenKeys(this IEndpointRouteBuilder app)
    {
        app.MapGet("/.well-known/jwks.json", async (AccessTokens tokens, CancellationToken cancellationToken) => TypedResults.Json(await tokens.JwksAsync(cancellationToken)))
            .AllowAnonymous().WithTags("Accounts").WithName("GetTokenKeys").WithSummary("The public keys of access tokens");
        MapDiscovery(app);
        return app;
    }
}
