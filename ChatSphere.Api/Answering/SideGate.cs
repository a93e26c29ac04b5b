using ChatSphere.AI.Chat;
using ChatSphere.Data.Budgets;

namespace ChatSphere.Api.Answering;

/// <summary>The asker's rights and budgets, for what is asked in their name on the side.</summary>
internal sealed class SideGate(IServiceScopeFactory scopes, ModelCatalogue catalogue, ModelCosts costs) : ISideGate
{
    public async Task<bool> TryEnterAsync(Guid callId, SideQuestion question, string model, int inputTokens, CancellationToken cancellationToken)
    {
        if (question.AskerId is not { } askerId)
        {
            return true;
        }

        await using var scope = scopes.CreateAsyncScope();
        var (access, _) = await scope.ServiceProvider.GetRequiredService<AskerModels>().OfAsync(askerId, cancellationToken);
        return catalogue.Withheld(model, access) is null
            && await scope.ServiceProvider.GetRequiredService<AnswerBudget>().ReserveAsync(callId, SpendingKind.Background, askerId, model, inputTokens, question.MaxTokens, cancellationToken) is null;
    }

    public async Task LeaveAsync(Guid callId, SideAnswer? answer)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IBudgets>()
            .SettleAsync(callId, answer is null ? null : costs.Spent(answer.Model, answer.InputTokens, answer.OutputTokens, answer.Estimated), CancellationToken.None);
    }
}
