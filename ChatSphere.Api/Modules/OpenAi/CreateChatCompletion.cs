using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.OpenAi;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;

namespace ChatSphere.Api.Modules.OpenAi;

internal static class CreateChatCompletion
{
    public const string BotPrefix = "bot:";

    public static async Task<IResult> HandleAsync(
        HttpRequest http, CurrentUser user, ChatSphereDb db, IUsageGate gate, ModelCatalogue models, AskerModels asker, AnswerWriter writer, UnkeptAnswers unkept, TimeProvider time, CancellationToken cancellationToken)
    {
        var (request, unreadable) = await OpenAiBody.ReadAsync<ChatCompletionRequest>(http, cancellationToken);
        if (request is null)
        {
            return unreadable!;
        }

        var (prompt, refusal) = CompletionPrompt.From(request);
        if (prompt is null)
        {
            return refusal!;
        }

        var (asked, problem) = await AskAsync(request, prompt, user, db, models, asker, writer, unkept, cancellationToken);
        if (asked is null)
        {
            return problem!;
        }

        await using (var room = await gate.ForMessageAsync(user.AccountId, asked.PlanModel, cancellationToken))
        {
            if (room.Refusal is { } full)
            {
                return full.ToProblem();
            }

            await room.KeepAsync(cancellationToken);
        }

        var completion = new Completion($"chatcmpl-{asked.Id:n}", time.GetUtcNow().ToUnixTimeSeconds(), asked, request.StreamOptions?.IncludeUsage == true);

        // Until the first word there is still a status to answer with.
        var events = asked.Events(cancellationToken).GetAsyncEnumerator(cancellationToken);
        AnswerFailed? failed = null;
        var begun = false;
        try
        {
            while (!begun && failed is null && await events.MoveNextAsync())
            {
                failed = events.Current as AnswerFailed;
                begun = events.Current is AnswerDelta or AnswerToolCall or AnswerFinished;
            }

            if (failed is not null || !begun)
            {
                await events.DisposeAsync();
                await gate.GiveBackMessageAsync(user.AccountId, time.GetUtcNow(), CancellationToken.None);
                return Refusal(failed);
            }
        }
        catch
        {
            await events.DisposeAsync();
            throw;
        }

        if (request.Stream == true)
        {
            return new EventStream(completion.StreamAsync(events, http.HttpContext.RequestAborted), time);
        }

        await using (events)
        {
            var (response, broken) = await completion.WholeAsync(events);
            return broken is null ? TypedResults.Json(response, OpenAiBody.Json) : Refusal(broken);
        }
    }

    private static async Task<(Asked? Asked, IResult? Refusal)> AskAsync(
        ChatCompletionRequest request, CompletionPrompt prompt, CurrentUser user, ChatSphereDb db, ModelCatalogue models, AskerModels asker, AnswerWriter writer, UnkeptAnswers unkept, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        if (!request.Model!.StartsWith(BotPrefix, StringComparison.Ordinal))
        {
            var access = await asker.AccessAsync(user.AccountId, cancellationToken);
            if (!await models.KnowsAsync(request.Model, user.AccountId, cancellationToken) || models.Withheld(request.Model, access with { PlanModels = null }) is not null)
            {
                return (null, Problems.Of(StatusCodes.Status404NotFound, ErrorCodes.ModelUnknown, "No such model. GET /v1/models lists those that there are."));
            }

            var direct = new AnswerRequest
            {
                TurnId = id,
                AskerId = user.AccountId,
                Instructions = "",
                Question = prompt.Messages.LastOrDefault(m => m.Role == ChatRole.User)?.Text ?? "",
                Model = request.Model,
                Access = access,
                OwnConnections = await asker.OwnAsync(user.AccountId, cancellationToken),
                Temperature = request.Temperature,
                Prompt = prompt.Messages,
                Parameters = prompt.Parameters,
                Tools = prompt.Tools,
                CallerRunsTools = true,
            };
            return (new(id, null, request.Model, c => writer.WriteAsync(direct, c), text => Task.FromResult<(string, IReadOnlyList<CitationResponse>?)>((text, null))), null);
        }

        if (!Guid.TryParse(request.Model.AsSpan(BotPrefix.Length), out var botId)
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
        draft.Temperature = request.Temperature ?? draft.Temperature;
        foreach (var message in prompt.Messages.Take(prompt.Messages.Count - 1).Where(m => m.Text.Length > 0 && m.Role != ChatRole.Tool))
        {
            // What the caller calls "system" is said by the caller: the bot's owner wrote the bot's instructions.
            draft.History.Add(new(message.Role == ChatRole.Assistant ? PastRole.Assistant : PastRole.User, message.Text));
        }

        return (new(id, bot.Model, request.Model, c => unkept.AskAsync(draft, c), async text =>
        {
            var (checkedText, citations) = await unkept.CheckAsync(draft, text);
            return (checkedText, [.. citations.Select(ConversationResponses.From)]);
        }), null);
    }

    private static ProblemHttpResult Refusal(AnswerFailed? failed) => failed?.Code == AnswerCodes.ProviderRefused
        ? Problems.Of(StatusCodes.Status502BadGateway, failed.Code, failed.Reason)
        : Problems.Of(StatusCodes.Status503ServiceUnavailable, failed?.Code ?? ErrorCodes.DependencyUnavailable, failed?.Reason ?? "No model answered.");

    /// <param name="PlanModel">The model that the plan must have; null: the default.</param>
    /// <param name="Name">What the answer calls its model while nobody knows better.</param>
    /// <param name="Check">The text as it may be given out, and its citations; null where there are none.</param>
    private sealed record Asked(
        Guid Id, string? PlanModel, string Name, Func<CancellationToken, IAsyncEnumerable<AnswerEvent>> Events, Func<string, Task<(string Text, IReadOnlyList<CitationResponse>? Citations)>> Check)
    {
        public bool IsBot => Name.StartsWith(BotPrefix, StringComparison.Ordinal);
    }

    private sealed class Completion(string id, long created, Asked asked, bool includeUsage)
    {
        /// <param name="events">At its first event. Disposed of at the end.</param>
        public async IAsyncEnumerable<StreamedEvent> StreamAsync(IAsyncEnumerator<AnswerEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await using var _ = events;
            var model = asked.Name;
            var text = new StringBuilder();
            var calls = 0;
            yield return Chunk(model, new("assistant", ""), null);
            do
            {
                switch (events.Current)
                {
                    case AnswerDelta delta:
                        text.Append(delta.Text);
                        yield return Chunk(model, new(null, delta.Text), null);
                        break;
                    case AnswerToolCall call when !asked.IsBot:
                        yield return Chunk(model, new(null, null, [new(call.CallId, "function", new(call.Name, call.ArgumentsJson), calls++)]), null);
                        break;
                    case AnswerSwitched switched when !asked.IsBot:
                        model = switched.To;
                        break;
                    case AnswerFinished finished:
                        var (_, citations) = await asked.Check(text.ToString());
                        yield return Chunk(model, new(null, null, null, citations), Reason(finished));
                        if (includeUsage)
                        {
                            yield return Write(new(id, "chat.completion.chunk", created, model, [], Usage(finished)));
                        }

                        break;
                    case AnswerFailed failed:
                        yield return new(null, "", JsonSerializer.Serialize(new { error = new { message = failed.Reason, type = "server_error", param = (string?)null, code = failed.Code } }));
                        yield break;
                    default:
                        break;
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
            while (await events.MoveNextAsync());

            yield return new(null, "", "[DONE]");
        }

        public async Task<(ChatCompletionResponse? Response, AnswerFailed? Failed)> WholeAsync(IAsyncEnumerator<AnswerEvent> events)
        {
            var text = new StringBuilder();
            var calls = new List<ChatCompletionToolCall>();
            AnswerFinished? finished = null;
            AnswerFailed? failed = null;
            do
            {
                switch (events.Current)
                {
                    case AnswerDelta delta:
                        text.Append(delta.Text);
                        break;
                    case AnswerToolCall call when !asked.IsBot:
                        calls.Add(new(call.CallId, "function", new(call.Name, call.ArgumentsJson)));
                        break;
                    case AnswerFinished f:
                        finished = f;
                        break;
                    case AnswerFailed f:
                        failed = f;
                        break;
                    default:
                        break;
                }
            }
            while (await events.MoveNextAsync());

            if (finished is null)
            {
                return (null, failed);
            }

            var (checkedText, citations) = await asked.Check(text.ToString());
            var answer = new ChatCompletionAnswer("assistant", checkedText.Length > 0 || calls.Count == 0 ? checkedText : null, calls.Count > 0 ? calls : null, citations);
            return (new(id, "chat.completion", created, asked.IsBot ? asked.Name : finished.Model, [new(0, answer, null, Reason(finished))], Usage(finished)), null);
        }

        private StreamedEvent Chunk(string model, ChatCompletionAnswer delta, string? reason) => Write(new(id, "chat.completion.chunk", created, model, [new(0, null, delta, reason)]));

        private static StreamedEvent Write(ChatCompletionResponse chunk) => new(null, "", JsonSerializer.Serialize(chunk, OpenAiBody.Json));

        private static string Reason(AnswerFinished finished) => finished.FinishReason is "length" or "tool_calls" or "content_filter" ? finished.FinishReason : "stop";

        private static ChatCompletionUsage Usage(AnswerFinished finished) => new(finished.InputTokens, finished.OutputTokens, finished.InputTokens + finished.OutputTokens);
    }
}
