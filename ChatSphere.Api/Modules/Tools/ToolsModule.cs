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
        builder.Services.AddScoped<IPrepareAnswer, OfferTools>();
        builder.Services.AddScoped<IFinishAnswer, KeepToolCalls>();
        return builder;
    }

    public static IEndpointRouteBuilder MapTools(this IEndpointRouteBuilder v1)
    {
        var tools = v1.MapGroup("/bots/{botId:guid}/tools").WithTags("Tools").ProducesProblem(403).ProducesProblem(404);
        tools.MapGet("", ListTools.HandleAsync).Requires(Permissions.BotsRead).WithName("ListTools").WithSummary("What a bot's models may call, and what they could");
        tools.MapPut("/built-in/{name}", SwitchBuiltInTool.HandleAsync).Requires(Permissions.BotsWrite).WithName("SwitchBuiltInTool").WithSummary("Switch a built-in tool on or off");

        var calls = v1.MapGroup("/turns/{turnId:guid}/tool-calls/{callId}").WithTags("Conversations").ProducesProblem(404).ProducesProblem(409);
        calls.MapPost("/approve", DecideToolCall.ApproveAsync).Requires(Permissions.ConversationsWrite).WithName("ApproveToolCall").WithSummary("Let a tool call that waits for me go ahead");
        calls.MapPost("/deny", DecideToolCall.DenyAsync).Requires(Permissions.ConversationsWrite).WithName("DenyToolCall").WithSummary("Refuse a tool call that waits for me");
        return v1;
    }
}
