using System.Text.Json.Serialization;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.OpenApi;

namespace ChatSphere.Api.Http;

internal static class HttpConventions
{
    /// <summary>What all routes do alike: validation, problems, strict JSON, limits, compression, the OpenAPI document.</summary>
    public static IHostApplicationBuilder AddHttpConventions(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // JSON bodies; uploads set their own.
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.MaxDepth = 16;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddScoped<IActor, RequestActor>();
        builder.Services.AddValidation();
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Problems.Complete);
        builder.Services.AddExceptionHandler<ExceptionProblems>();
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        // Who stands in front may say whose request it is: Web and proxies on this machine, and the networks named in the configuration.
        builder.AddTrustedProxies();
        builder.AddOrigins();
        builder.Services.AddSingleton<AddressLists>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AddressLists>());
        builder.Services.AddSingleton<DeniedAccess>();

        // Not event streams: they are not among the default types.
        builder.Services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "application/problem+json"];
        });
        builder.Services.AddOpenApi(openApi => openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "ChatSphere";
            document.Info.Description = "Bots that know documents and cite them. Refusals are application/problem+json (RFC 9457) with a stable `code`.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
            return Task.CompletedTask;
        }).AddOperationTransformer((operation, context, _) =>
        {
            // What a route needs is part of its description; the tests of authorization are made from it.
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<PermissionRequirement>().LastOrDefault() is { } requirement)
            {
                operation.AddExtension("x-permission", new JsonNodeExtension(requirement.Permission.Name));
                if (metadata.OfType<RecentlyAuthenticated>().Any())
                {
                    operation.AddExtension("x-recent-authentication", new JsonNodeExtension(true));
                }
            }
            else if (metadata.OfType<IAllowAnonymous>().Any())
            {
                operation.Security = [];
            }

            return Task.CompletedTask;
        }));
        return builder;
    }

    public static void UseHttpConventions(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseSecurityHeaders();
        app.UseAddressLists();
        app.UseResponseCompression();
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages();
        app.UseUtf8Only();
        app.UseRouting();
        app.UseCors();
        app.UseAuthentication();
        app.UseMiddleware<RateLimits>();
        app.UseAuthorization();
        app.UseOversizeBodies();
    }
}
