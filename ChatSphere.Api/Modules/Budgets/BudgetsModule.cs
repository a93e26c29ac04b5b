using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Budgets;
using ChatSphere.Data.Budgets;

namespace ChatSphere.Api.Modules.Budgets;

internal static class BudgetsModule
{
    public static IHostApplicationBuilder AddBudgets(this IHostApplicationBuilder builder)
    {
        builder.AddBudgetLedger();
        builder.Services.AddScoped<AnswerBudget>();
        builder.Services.AddScoped<SettleBudget>();
        builder.Services.AddScoped<IFinishAnswer>(services => services.GetRequiredService<SettleBudget>());
        builder.Services.AddSingleton<AbandonedBudget>();
        return builder;
    }

    public static IEndpointRouteBuilder MapBudgets(this IEndpointRouteBuilder v1)
    {
        var mine = v1.MapGroup("/usage/mine").WithTags("Budgets");
        mine.MapGet("", UsageReports.MineAsync).Requires(Permissions.AccountRead).WithName("GetMyModelUsage").WithSummary("What I used of models, by day, model or bot").Produces<UsageReportResponse>();
        mine.MapGet("/budget", BudgetRoutes.MineAsync).Requires(Permissions.AccountRead).WithName("GetMyBudget").WithSummary("How much I may use of models today and this month, and what is left");

        var bot = v1.MapGroup("/bots/{botId:guid}").WithTags("Budgets");
        bot.MapGet("/usage", UsageReports.OfBotAsync).Requires(Permissions.BotsRead).WithName("GetBotUsage").WithSummary("What a bot of mine cost, by day or model").Produces<UsageReportResponse>().ProducesProblem(404);
        bot.MapGet("/budget", BudgetRoutes.OfBotAsync).Requires(Permissions.BotsRead).WithName("GetBotBudget").WithSummary("What all who ask a bot of mine may cost together, and what is left").ProducesProblem(404);
        bot.MapPut("/budget", BudgetRoutes.SetOfBotAsync).Requires(Permissions.BotsWrite).WithName("SetBotBudget").WithSummary("Say what all who ask a bot of mine may cost together").ProducesProblem(404);

        var admin = v1.MapGroup("/admin").WithTags("Budgets");
        admin.MapGet("/usage", UsageReports.OfAllAsync).Requires(Permissions.AiManage).WithName("GetModelUsage").WithSummary("What models were used for, by day, account, bot or model; also as CSV").Produces<UsageReportResponse>().Produces(200, contentType: "text/csv");
        admin.MapGet("/budgets", BudgetRoutes.ListAsync).Requires(Permissions.AiManage).WithName("ListBudgets").WithSummary("What everybody may use, and who may use something else");
        admin.MapPut("/budgets/default", BudgetRoutes.SetDefaultAsync).Requires(Permissions.AiManage).WithName("SetDefaultBudget").WithSummary("Say what everybody may use");
        admin.MapGet("/budgets/accounts/{accountId:guid}", BudgetRoutes.OfAccountAsync).Requires(Permissions.AiManage).WithName("GetAccountBudget").WithSummary("What an account may use, and what is left").ProducesProblem(404);
        admin.MapPut("/budgets/accounts/{accountId:guid}", BudgetRoutes.SetOfAccountAsync).Requires(Permissions.AiManage).WithName("SetAccountBudget").WithSummary("Say what an account may use").ProducesProblem(404);
        admin.MapDelete("/budgets/accounts/{accountId:guid}", BudgetRoutes.RemoveOfAccountAsync).Requires(Permissions.AiManage).WithName("RemoveAccountBudget").WithSummary("Let an account use what everybody may").ProducesProblem(404);
        admin.MapGet("/budgets/groups/{groupId:guid}", BudgetRoutes.OfGroupAsync).Requires(Permissions.AiManage).WithName("GetGroupBudget").WithSummary("What the members of a group may use together, and what is left").ProducesProblem(404);
        admin.MapPut("/budgets/groups/{groupId:guid}", BudgetRoutes.SetOfGroupAsync).Requires(Permissions.AiManage).WithName("SetGroupBudget").WithSummary("Say what the members of a group may use together").ProducesProblem(404);
        admin.MapDelete("/budgets/groups/{groupId:guid}", BudgetRoutes.RemoveOfGroupAsync).Requires(Permissions.AiManage).WithName("RemoveGroupBudget").WithSummary("Let the members of a group use what each of them may").ProducesProblem(404);
        return v1;
    }
}
