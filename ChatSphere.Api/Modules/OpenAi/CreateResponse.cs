using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.OpenAi;

namespace ChatSphere.Api.Modules.OpenAi;

internal static class CreateResponse
{
    public static async Task<IResult> HandleAsync(HttpRequest http, CurrentUser user, AskingModels asking, TimeProvider time, CancellationToken cancellationToken)
    {
        var (request, unreadable) = await OpenAiBody.ReadAsync<CreateResponseRequest>(http, cancellationToken);
        if (request is null)
        {
            return unreadable!;
        }

        var (completion, field, wrong) = ResponseInput.ToCompletion(request);
        if (completion is null)
        {
            return Problems.Invalid(field!, wrong!);
        }

        var (prompt, refusal) = CompletionPrompt.From(completion);
        if (prompt is null)
        {
            return refusal!;
        }

        var (asked, events, problem) = await asking.BeginAsync(request.Model!, request.Temperature, prompt, user, cancellationToken);
        if (asked is null || events is null)
        {
            return problem!;
        }

        var response = new Response(asked, time.GetUtcNow().ToUnixTimeSeconds());
        if (request.Stream == true)
        {
            return new EventStream(response.StreamAsync(events, http.HttpContext.RequestAborted), time);
        }

        await foreach (var _ in response.StreamAsync(events, cancellationToken))
        {
            // What streams to others is put together here.
        }

        return response.Failed is { } failed ? AskingModels.Refusal(failed) : TypedResults.Json(response.Whole(), OpenAiBody.Json);
    }

    /// <summary>One response: its items as they grow, and the events that tell of them.</summary>
    private sealed class Response(AskedModel asked, long created)
    {
        private readonly string _id = $"resp_{asked.Id:n}";
        private readonly string _messageId = $"msg_{asked.Id:n}";
        private readonly StringBuilder _text = new();
        private readonly List<ResponseItem> _items = [];
        private string _model = asked.Name;
        private AnswerFinished? _finished;
        private bool _speaks;
        private int _sequence;

        public AnswerFailed? Failed { get; private set; }

        public ResponseBody Whole(string? status = null) => new(
            _id, "response", created, status ?? (_finished?.FinishReason == "length" ? "incomplete" : "completed"), _model, [.. _items],
            _finished is null ? null : new(_finished.InputTokens, _finished.OutputTokens, _finished.InputTokens + _finished.OutputTokens),
            Failed is null ? null : new(Failed.Code, Failed.Reason), _finished?.FinishReason == "length" ? new("max_output_tokens") : null);

        /// <param name="events">At its first event. Disposed of at the end.</param>
        public async IAsyncEnumerable<StreamedEvent> StreamAsync(IAsyncEnumerator<AnswerEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await using var _ = events;
            yield return Event("response.created", new { response = Whole("in_progress") });
            yield return Event("response.in_progress", new { response = Whole("in_progress") });
            do
            {
                switch (events.Current)
                {
                    case AnswerDelta delta:
                        if (!_speaks)
                        {
                            _speaks = true;
                            yield return Event("response.output_item.added", new { output_index = _items.Count, item = Message("in_progress", []) });
                            yield return Event("response.content_part.added", new { item_id = _messageId, output_index = _items.Count, content_index = 0, part = new ResponseContent("output_text", "", []) });
                        }

                        _text.Append(delta.Text);
                        yield return Event("response.output_text.delta", new { item_id = _messageId, output_index = _items.Count, content_index = 0, delta = delta.Text, logprobs = Array.Empty<object>() });
                        break;
                    case AnswerToolCall call when !asked.IsBot:
                        await foreach (var said in FinishMessageAsync())
                        {
                            yield return said;
                        }

                        var item = new ResponseItem("function_call", $"fc_{_items.Count}_{asked.Id:n}", "in_progress", CallId: call.CallId, Name: call.Name, Arguments: "");
                        yield return Event("response.output_item.added", new { output_index = _items.Count, item });
                        yield return Event("response.function_call_arguments.delta", new { item_id = item.Id, output_index = _items.Count, delta = call.ArgumentsJson });
                        yield return Event("response.function_call_arguments.done", new { item_id = item.Id, output_index = _items.Count, name = call.Name, arguments = call.ArgumentsJson });
                        item = item with { Status = "completed", Arguments = call.ArgumentsJson };
                        yield return Event("response.output_item.done", new { output_index = _items.Count, item });
                        _items.Add(item);
                        break;
                    case AnswerFinished finished:
                        (_finished, _model) = (finished, asked.IsBot ? asked.Name : finished.Model);
                        await foreach (var said in FinishMessageAsync())
                        {
                            yield return said;
                        }

                        yield return Event(finished.FinishReason == "length" ? "response.incomplete" : "response.completed", new { response = Whole() });
                        break;
                    case AnswerFailed failed:
                        Failed = failed;
                        yield return Event("response.failed", new { response = Whole("failed") });
                        break;
                    default:
                        break;
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
            while (await events.MoveNextAsync());
        }

        private async IAsyncEnumerable<StreamedEvent> FinishMessageAsync()
        {
            if (!_speaks)
            {
                yield break;
            }

            _speaks = false;
            var (text, citations) = await asked.Check(_text.ToString());
            var part = new ResponseContent("output_text", text, [], citations);
            yield return Event("response.output_text.done", new { item_id = _messageId, output_index = _items.Count, content_index = 0, text, logprobs = Array.Empty<object>() });
            yield return Event("response.content_part.done", new { item_id = _messageId, output_index = _items.Count, content_index = 0, part });
            var item = Message("completed", [part]);
            yield return Event("response.output_item.done", new { output_index = _items.Count, item });
            _items.Add(item);
            _text.Clear();
        }

        private ResponseItem Message(string status, IReadOnlyList<ResponseContent> content) => new("message", _messageId, status, "assistant", content);

        private StreamedEvent Event(string type, object data)
        {
            var json = JsonSerializer.SerializeToNode(data, OpenAiBody.Json)!.AsObject();
            json.Insert(0, "type", type);
            json.Insert(1, "sequence_number", _sequence++);
            return new(null, type, json.ToJsonString());
        }
    }
}
