using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.OpenAi;

namespace ChatSphere.Api.Modules.OpenAi;

internal static class CreateChatCompletion
{
    public static async Task<IResult> HandleAsync(
        HttpRequest http, CurrentUser user, AskingModels asking, TimeProvider time, CancellationToken cancellationToken)
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

        var (asked, events, problem) = await asking.BeginAsync(request.Model!, request.Temperature, prompt, user, cancellationToken);
        if (asked is null || events is null)
        {
            return problem!;
        }

        var completion = new Completion($"chatcmpl-{asked.Id:n}", time.GetUtcNow().ToUnixTimeSeconds(), asked, request.StreamOptions?.IncludeUsage == true);
        if (request.Stream == true)
        {
            return new EventStream(completion.StreamAsync(events, http.HttpContext.RequestAborted), time);
        }

        await using (events)
        {
            var (response, broken) = await completion.WholeAsync(events);
            return broken is null ? TypedResults.Json(response, OpenAiBody.Json) : AskingModels.Refusal(broken);
        }
    }

    private sealed class Completion(string id, long created, AskedModel asked, bool includeUsage)
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
