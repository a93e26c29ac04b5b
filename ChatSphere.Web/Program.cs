using ChatSphere.Web.Components;
using ChatSphere.Web.Hosting;
using ChatSphere.Web.Sessions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddTrustedProxies();
builder.WebHost.UseStaticWebAssets();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddHealthChecks().AddCheck<RedisHealth>("redis", HealthStatus.Degraded);
builder.AddKeyRing();
builder.AddSignInCookie();
builder.AddApiClients();
builder.Services.AddAntiforgery(options =>
{
    // Where people come over https, browsers take it from this host only.
    var https = builder.Configuration["Site:Origin"]?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;
    options.Cookie.Name = https ? "__Host-chatsphere-forms" : "chatsphere-forms";
    options.Cookie.SecurePolicy = https ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    options.Cookie.Path = "/";
    options.Cookie.SameSite = SameSiteMode.Lax;
    options.SuppressXFrameOptionsHeader = true;
});
builder.Services.AddRazorComponents().AddInteractiveServerComponents(options => options.DisconnectedCircuitMaxRetained = 200).AddHubOptions(hub =>
{
    // A message of 32,000 characters, escaped at worst.
    hub.MaximumReceiveMessageSize = 256 * 1024;
});

var app = builder.Build();
StartupChecks.Run(app);
app.UseForwardedHeaders();
app.UseExceptionHandler("/error", createScopeForErrors: true);
app.UseSecurityHeaders();
app.UseSameOriginSockets();
app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
app.Use((context, next) =>
{
    // That page is for people who go somewhere; scripts and forms keep the bare status.
    if (!HttpMethods.IsGet(context.Request.Method) || context.Request.Path.StartsWithSegments("/bff", StringComparison.OrdinalIgnoreCase))
    {
        context.Features.Get<IStatusCodePagesFeature>()?.Enabled = false;
    }

    return next(context);
});
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.UseFreshForms();
app.MapDefaultEndpoints();
app.MapStaticAssets();
#if BLAZOR_SCRIPT_FROM_RUNTIME_PACK
app.MapBlazorScript();
#endif
app.MapDocumentUploads();
app.MapAvatarContent();
app.MapAttachmentTransfer();
app.MapChannelContent();
app.MapExportDownloads();
app.MapAuditExports();
app.MapConversationFiles();
app.MapSharedPages();
app.MapUsageExports();
app.MapInboxCounts();
app.MapSignOut();
app.MapPasskeyOptions();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options =>
{
    // Set for every response by UseSecurityHeaders.
    options.ContentSecurityFrameAncestorsPolicy = null;
});
app.Run();
