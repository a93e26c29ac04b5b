using System.Runtime.CompilerServices;
using System.Text.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Clients;

public sealed partial class ConversationsClient(ApiCalls api, ApiTransport transport, CurrentSession session)
{
    public Task<ApiResult<Page<ConversationResponse>>> ListAsync(ConversationFilter filter, string? cursor, CancellationToken cancellationToken) =>
        api.GetAsync<Page<ConversationResponse>>("v1/conversations" + ApiCalls.Query(
            ("cursor", cursor), ("limit", 50), ("archived", filter.Archived ? "true" : null), ("pinned", filter.Pinned ? "true" : null), ("folderId", filter.FolderId), ("tag", filter.Tag)), cancellationToken);

    public Task<ApiResult<ConversationResponse>> GetAsync(Guid id, CancellationToken cancellationToken) =>
        api.GetAsync<ConversationResponse>($"v1/conversations/{id}", cancellationToken);

    public Task<ApiResult<ConversationResponse>> CreateAsync(Guid botId, bool temporary) =>
        api.PostAsync<ConversationResponse>("v1/conversations", new CreateConversationRequest(botId) { Temporary = temporary });

    public Task<ApiResult<ConversationResponse>> ChangeAsync(Guid id, UpdateConversationRequest change) => api.PatchAsync<ConversationResponse>($"v1/conversations/{id}", change);

    public Task<ApiResult<Nothing>> DeleteAsync(Guid id) => api.DeleteAsync($"v1/conversations/{id}");

    /// <summary>Newest first.</summary>
    public Task<ApiResult<Page<MessageResponse>>> MessagesAsync(Guid id, string? cursor, CancellationToken cancellationToken) =>
        api.GetAsync<Page<MessageResponse>>($"v1/conversations/{id}/messages" + ApiCalls.Query(("cursor", cursor), ("limit", 50)), cancellationToken);

    /// <summary>The key makes it safe to ask twice, so a call lost on the way is asked again.</summary>
    public Task<ApiResult<TurnResponse>> AskAsync(Guid conversationId, CreateTurnRequest request, string idempotencyKey) =>
        api.PostAsync<TurnResponse>($"v1/conversations/{conversationId}/turns", request, idempotencyKey);

    public Task<ApiResult<Nothing>> StopAsync(Guid turnId) => api.PostAsync<Nothing>($"v1/turns/{turnId}/stop");

    /// <summary>The turn's events from the first, across lost connections, to <c>done</c> or <c>failed</c>. Yields the event records, and <see cref="StreamState"/> changes.</summary>
    public async IAsyncEnumerable<object> FollowAsync(Guid turnId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await session.IdAsync() is not { } id)
        {
            yield break;
        }

        await foreach (var item in EventStream.ReadAsync(transport, id, $"v1/turns/{turnId}/events", cancellationToken))
        {
            if (item.Event is { } sse)
            {
                if (Read(sse.EventType, sse.Data) is { } known)
                {
                    yield return known;
                    if (known is DoneEvent or FailedEvent)
                    {
                        yield break;
                    }
                }
            }
            else
            {
                yield return item.Problem is { } problem ? problem : item.State;
            }
        }
    }

    private static object? Read(string type, string data) => type switch
    {
        TurnEventNames.Sources => Parse<SourcesEvent>(data),
        TurnEventNames.Delta => Parse<DeltaEvent>(data),
        TurnEventNames.Switched => Parse<SwitchedEvent>(data),
        TurnEventNames.Usage => Parse<UsageEvent>(data),
        TurnEventNames.ToolCall => Parse<ToolCallEvent>(data),
        TurnEventNames.ToolResult => Parse<ToolResultEvent>(data),
        TurnEventNames.ToolApproval => Parse<ToolApprovalEvent>(data),
        TurnEventNames.ToolDecided => Parse<ToolDecidedEvent>(data),
        TurnEventNames.Done => Parse<DoneEvent>(data),
        TurnEventNames.Failed => Parse<FailedEvent>(data),
        _ => null,
    };

    private static T? Parse<T>(string data) => JsonSerializer.Deserialize<T>(data, ApiTransport.Json);
}
