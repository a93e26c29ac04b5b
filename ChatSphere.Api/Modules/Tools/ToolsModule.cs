using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Api.Modules.Tools;

internal static class ToolsModule
{
    public static IHostApplicationBuilder AddTools(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ToolOptions>().BindConfiguration(ToolOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.AddUntrustedHttp();
        builder.Services.AddSingleton<ApprovalDesk>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ApprovalDesk>());
        builder.Services.AddSingleton<BuiltInTools>();
        builder.Services.AddSingleton<HttpToolCalls>();
        builder.Services.AddSingleton<McpConnections>();
        builder.Services.AddHostedService(services => services.GetRequiredService<McpConnections>());
        builder.Services.AddSingleton<OutsideTools>();
        builder.Services.AddScoped<IPrepareAnswer, OfferTools>();
        builder.Services.AddScoped<IFinishAnswer, KeepToolCalls>();
        return builder;
    }

    public static IEndpointRouteBuilder MapTools(this IEndpointRouteBuilder v1)
    {
        var tools = v1.MapGroup("/bots/{botId:guid}/tools").WithTags("Tools").ProducesProblem(403).ProducesProblem(404);
        tools.MapGet("", ListTools.HandleAsync).Requires(Permissions.BotsRead).WithName("ListTools").WithSummary("What a bot's models may call, and what they could");
        tools.MapPut("/built-in/{name}", SwitchBuiltInTool.HandleAsync).Requires(Permissions.BotsWrite).WithName("SwitchBuiltInTool").WithSummary("Switch a built-in tool on or off");
        tools.MapPost("", CreateHttpTool.HandleAsync).Requires(Permissions.BotsWrite).WithName("CreateHttpTool").WithSummary("Describe a request that a bot's models may make").ProducesProblem(409);
        tools.MapPatch("/{toolId:guid}", UpdateTool.HandleAsync).Requires(Permissions.BotsWrite).WithName("UpdateTool").WithSummary("Change what is given of a tool, or switch it on or off");
        tools.MapDelete("/{toolId:guid}", DeleteTool.HandleAsync).Requires(Permissions.BotsWrite).WithName("DeleteTool").WithSummary("Take a tool away");
        tools.MapPost("/{toolId:guid}/test", TestTool.HandleAsync).Requires(Permissions.BotsWrite).WithName("TestTool").WithSummary("Make one call with arguments of one's own");
        tools.MapPost("/openapi/read", ImportOpenApi.ReadAsync).Requires(Permissions.BotsWrite).WithName("ReadOpenApi").WithSummary("What an OpenAPI document offers; nothing is kept");
        tools.MapPost("/openapi/import", ImportOpenApi.ImportAsync).Requires(Permissions.BotsWrite).WithName("ImportOpenApi").WithSummary("Make tools of operations of an OpenAPI document").ProducesProblem(409);

        var servers = v1.MapGroup("/bots/{botId:guid}/tool-servers").WithTags("Tools").ProducesProblem(403).ProducesProblem(404);
        servers.MapGet("", ToolServers.ListAsync).Requires(Permissions.BotsRead).WithName("ListToolServers").WithSummary("A bot's MCP servers, and those that all bots may use");
        servers.MapPost("", ToolServers.AddAsync).Requires(Permissions.BotsWrite).WithName("AddToolServer").WithSummary("Connect an MCP server; its tools come switched off").ProducesProblem(409);
        servers.MapPost("/{serverId:guid}/refresh", ToolServers.RefreshAsync).Requires(Permissions.BotsWrite).WithName("RefreshToolServer").WithSummary("Ask an MCP server for its tools again");
        servers.MapDelete("/{serverId:guid}", ToolServers.RemoveAsync).Requires(Permissions.BotsWrite).WithName("RemoveToolServer").WithSummary("Take an MCP server and its tools away from a bot");

        var programs = v1.MapGroup("/admin/tool-programs").WithTags("Tools").Requires(Permissions.AiManage);
        programs.MapGet("", ToolServers.ListProgramsAsync).WithName("ListToolPrograms").WithSummary("Programs that are started as MCP servers for all bots");
        programs.MapPost("", ToolServers.AddProgramAsync).RequiresRecentAuthentication().WithName("AddToolProgram").WithSummary("Name a program that speaks MCP").ProducesProblem(409);
        programs.MapGet("/rules", ToolPrograms.Rules).WithName("GetToolProgramRules").WithSummary("Whether this deployment starts programs at all");
        programs.MapPost("/{serverId:guid}/try", ToolPrograms.TryAsync).WithName("TryToolProgram").WithSummary("Start a program once and ask it for its tools").ProducesProblem(404).ProducesProblem(409);
        programs.MapPatch("/{serverId:guid}", ToolPrograms.SwitchAsync).RequiresRecentAuthentication().WithName("SwitchToolProgram").WithSummary("Switch a program off for all bots, or on again").ProducesProblem(404);
        programs.MapDelete("/{serverId:guid}", ToolServers.RemoveProgramAsync).WithName("RemoveToolProgram").WithSummary("Take a program away from all bots").ProducesProblem(404);

        var calls = v1.MapGroup("/turns/{turnId:guid}/tool-calls/{callId}").WithTags("Conversations").ProducesProblem(404).ProducesProblem(409);
        calls.MapPost("/approve", DecideToolCall.ApproveAsync).Requires(Permissions.ConversationsWrite).WithName("ApproveToolCall").WithSummary("Let a tool call that waits for me go ahead");
        calls.MapPost("/deny", DecideToolCall.DenyAsync).Requires(Permissions.ConversationsWrite).WithName("DenyToolCall").WithSummary("Refuse a tool call that waits for me");
        return v1;
    }
}
