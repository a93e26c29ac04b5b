using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Budgets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;

namespace ChatSphere.Api.Modules.OpenAi;

/// <summary>A model or a bot that OpenAI's clients ask.</summary>
/// <param name="PlanModel">The model that the plan must have; null: the default.</param>
/// <param name="Name">What the answer calls its model while nobody knows better.</param>
/// <param name="Check">The text as it may be given out, and its citations; null where there are none.</param>
internal sealed record AskedModel(
    Guid Id, string? PlanModel, string Name, Func<CancellationToken, IAsyncEnumerable<AnswerEvent>> Events, Func<string, Task<(string Text, IReadOnlyList<CitationResponse>? Citations)>> Check)
{
    /// <summary>Asks for room in the budgets.</summary>
    public required Func<AnswerBudget, CancellationToken, Task<SpendingRefusal?>> Reserve { get; init; }

    public bool IsBot => Name.StartsWith(AskingModels.BotPrefix, StringComparison.Ordinal);
}

/// <summary>Finds what OpenAI's clients name, counts the message, and asks up to the first word: until then there is still a status to answer with.</summary>
internal sealed class AskingModels(ChatSphereDb db, ModelCatalogue models, AskerModels asker, UnkeptAnswers unkept)
{
    public const string BotPrefix = "bot:";

    /// <returns>The events, at the first that says something; the caller disposes of them. Or why there are none.</returns>
    public async Task<(AskedModel? Asked, IAsyncEnumerator<AnswerEvent>? Events, IResult? Refusal)> BeginAsync(
        string name, double? temperature, CompletionPrompt prompt, CurrentUser user, CancellationToken cancellationToken)
    {
        var (asked, problem) = await FindAsync(name, temperature, prompt, user, cancellationToken);
        if (asked is null)
        {
            return (null, null, problem);
        }

        if (await unkept.EnterAsync(user.AccountId, asked.PlanModel, budget => asked.Reserve(budget, cancellationToken), cancellationToken) is { } full)
        {
            return (null, null, full);
        }

        var events = asked.Events(cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            AnswerFailed? failed = null;
            while (failed is null && await events.MoveNextAsync())
            {
                if (events.Current is AnswerDelta or AnswerToolCall or AnswerFinished)
                {
                    return (asked, events, null);
                }

                failed = events.Current as AnswerFailed;
            }

            await events.DisposeAsync();
            return (null, null, Refusal(failed));
        }
        catch
        {
            await events.DisposeAsync();
            throw;
        }
    }

    public static ProblemHttpResult Refusal(AnswerFailed? failed) => failed?.Code == AnswerCodes.ProviderRefused
        ? Problems.Of(StatusCodes.Status502BadGateway, failed.Code, failed.Reason)
        : Problems.Of(StatusCodes.Status503ServiceUnavailable, failed?.Code ?? ErrorCodes.DependencyUnavailable, failed?.Reason ?? "No model answered.");

    private async Task<(AskedModel? Asked, IResult? Refusal)> FindAsync(
        string name, double? temperature, CompletionPrompt prompt, CurrentUser user, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        if (!name.StartsWith(BotPrefix, StringComparison.Ordinal))
        {
            var (access, own) = await asker.OfAsync(user.AccountId, cancellationToken);
            if (!await models.KnowsAsync(name, user.AccountId, cancellationToken) || models.Withheld(name, access with { PlanModels = null }) is not null)
            {
                return (null, Problems.Of(StatusCodes.Status404NotFound, ErrorCodes.ModelUnknown, "No such model. GET /v1/models lists those that there are."));
            }

            var direct = new AnswerRequest
            {
                TurnId = id,
                AskerId = user.AccountId,
                Instructions = "",
                Question = prompt.Messages.LastOrDefault(m => m.Role == ChatRole.User)?.Text ?? "",
                Model = name,
                Access = access,
                OwnConnections = own,
                Temperature = temperature,
                Prompt = prompt.Messages,
                Parameters = prompt.Parameters,
                Tools = prompt.Tools,
                CallerRunsTools = true,
            };
            return (new(id, name == models.DefaultModel ? null : name, name, c => unkept.AskAsync(direct, c), text => Task.FromResult<(string, IReadOnlyList<CitationResponse>?)>((text, null)))
            {
                Reserve = (budget, c) => budget.ReserveAsync(id, SpendingKind.OpenAi, user.AccountId, name, AnswerBudget.TokensOf(prompt.Messages), prompt.Parameters.MaxOutputTokens, c),
            }, null);
        }

        if (!Guid.TryParse(name.AsSpan(BotPrefix.Length), out var botId)
            || await db.Bots.UsableBy(db, user.AccountId).AsNoTracking().SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return (null, Problems.Of(StatusCodes.Status404NotFound, ErrorCodes.ModelUnknown, "No such bot, or it is not shared with you. GET /v1/models lists those that there are."));
        }

        if (prompt.Tools.Count > 0)
        {
            return (null, Problems.Invalid("tools", "A bot has tools of its own; give it none."));
        }

        if (prompt.Messages[^1] is not { } last || last.Role != ChatRole.User || string.IsNullOrWhiteSpace(last.Text))
        {
            return (null, Problems.Invalid("messages", "The last message must be the user's, with text."));
        }

        var draft = AnswerDraft.For(id, user.AccountId, bot, last.Text);
        draft.Temperature = temperature ?? draft.Temperature;
        foreach (var message in prompt.Messages.Take(prompt.Messages.Count - 1).Where(m => m.Text.Length > 0 && m.Role != ChatRole.Tool))
        {
            // What the caller calls "system" is said by the caller: the bot's owner wrote the bot's instructions.
            draft.History.Add(new(message.Role == ChatRole.Assistant ? PastRole.Assistant : PastRole.User, message.Text));
        }

        return (new(id, bot.Model, name, c => unkept.AskAsync(draft, c), async text =>
        {
            var (checkedText, citations) = await unkept.CheckAsync(draft, text);
            return (checkedText, [.. citations.Select(ConversationResponses.From)]);
        })
        {
            Reserve = (budget, c) => budget.ReserveAsync(id, SpendingKind.OpenAi, user.AccountId, bot, last.Text, null, null, c, past: draft.History.Sum(m => (long)TokenEstimate.Of(m.Text))),
        }, null);
    }
}
