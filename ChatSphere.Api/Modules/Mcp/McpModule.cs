using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using Microsoft.AspNetCore.Cors.Infrastructure;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ChatSphere.Api.Modules.Mcp;

/// <summary>
/// The Model Context Protocol over Streamable HTTP, without sessions: every POST is answered by itself, so any node can answer it (stands in for
/// ModelContextProtocol.AspNetCore's <c>MapMcp</c>).
/// </summary>
internal static class McpModule
{
    public static IHostApplicationBuilder AddMcp(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<McpTools>();
        return builder;
    }

    public static IEndpointRouteBuilder MapMcp(this IEndpointRouteBuilder app)
    {
        app.MapPost("/mcp", HandleAsync).RequireAuthorization().Requires(Permissions.ModelsUse).WithTags("MCP").WithName("CallMcp").WithMetadata(RateLimitClass.Turns)
            .WithSummary("Model Context Protocol (Streamable HTTP, stateless): search knowledge, ask a bot, list and read documents").Accepts<JsonElement>("application/json")
            .Produces(200, contentType: "text/event-stream").Produces(202).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(415).ProducesProblem(429);
        return app;
    }

    private static async Task HandleAsync(HttpContext http, CurrentUser user, McpTools tools, ICorsPolicyProvider cors, ILoggerFactory loggers)
    {
        // A page of another site must not talk to a server on the person's own machine or network (DNS rebinding), whatever token it has got hold of.
        if (http.Request.Headers.Origin is [{ } origin] && (await cors.GetPolicyAsync(http, null))?.IsOriginAllowed(origin) != true)
        {
            await Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.PermissionMissing, "Pages of this origin may not call the Api; Cors:Origins names those that may.").ExecuteAsync(http);
            return;
        }

        if (!http.Request.HasJsonContentType())
        {
            await TypedResults.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType).ExecuteAsync(http);
            return;
        }

        JsonRpcMessage? message;
        try
        {
            message = await JsonSerializer.DeserializeAsync<JsonRpcMessage>(http.Request.Body, McpJsonUtilities.DefaultOptions, http.RequestAborted);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            message = null;
        }

        if (message is null)
        {
            await Problems.BadRequest(ErrorCodes.RequestInvalid, "The body is not one JSON-RPC 2.0 message.").ExecuteAsync(http);
            return;
        }

        await using var transport = new StreamableHttpServerTransport(loggers) { Stateless = true };
        await using var server = McpServer.Create(
            transport,
            new McpServerOptions
            {
                ServerInfo = new() { Name = "chatsphere", Title = "ChatSphere", Version = typeof(McpModule).Assembly.GetName().Version?.ToString(3) ?? "0" },
                ServerInstructions = "Bots that know documents and cite them. list_bots first; ask_bot answers with citations, search_knowledge finds passages, read_document reads on.",
                ToolCollection = tools.For(user),
            },
            loggers);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var running = server.RunAsync(stopping.Token);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store, no-transform";
        try
        {
            if (!await transport.HandlePostRequestAsync(message, http.Response.Body, http.RequestAborted))
            {
                http.Response.ContentType = null;
                http.Response.StatusCode = StatusCodes.Status202Accepted;
            }
        }
        finally
        {
            await stopping.CancelAsync();
            await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
