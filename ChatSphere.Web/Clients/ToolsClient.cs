using System.Text.Json;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Tools;

namespace ChatSphere.Web.Clients;

public sealed class ToolsClient(ApiCalls api)
{
    public Task<ApiResult<IReadOnlyList<BotToolResponse>>> ListAsync(Guid botId) => api.GetAsync<IReadOnlyList<BotToolResponse>>($"v1/bots/{botId}/tools");

    public Task<ApiResult<BotToolResponse>> SwitchBuiltInAsync(Guid botId, string name, bool enabled, bool needsApproval) =>
        api.PutAsync<BotToolResponse>($"v1/bots/{botId}/tools/built-in/{Uri.EscapeDataString(name)}", new SwitchBuiltInToolRequest(enabled, needsApproval));

    public Task<ApiResult<BotToolResponse>> CreateAsync(Guid botId, CreateHttpToolRequest request) => api.PostAsync<BotToolResponse>($"v1/bots/{botId}/tools", request);

    public Task<ApiResult<BotToolResponse>> UpdateAsync(Guid botId, Guid toolId, UpdateBotToolRequest request) => api.PatchAsync<BotToolResponse>($"v1/bots/{botId}/tools/{toolId}", request);

    public Task<ApiResult<Nothing>> DeleteAsync(Guid botId, Guid toolId) => api.DeleteAsync($"v1/bots/{botId}/tools/{toolId}");

    public Task<ApiResult<TestToolResponse>> TestAsync(Guid botId, Guid toolId, JsonElement arguments) =>
        api.PostAsync<TestToolResponse>($"v1/bots/{botId}/tools/{toolId}/test", new TestToolRequest(arguments));

    public Task<ApiResult<OpenApiResponse>> ReadOpenApiAsync(Guid botId, ReadOpenApiRequest request) => api.PostAsync<OpenApiResponse>($"v1/bots/{botId}/tools/openapi/read", request);

    public Task<ApiResult<IReadOnlyList<BotToolResponse>>> ImportOpenApiAsync(Guid botId, ImportOpenApiRequest request) =>
        api.PostAsync<IReadOnlyList<BotToolResponse>>($"v1/bots/{botId}/tools/openapi/import", request);

    public Task<ApiResult<IReadOnlyList<ToolServerResponse>>> ServersAsync(Guid botId) => api.GetAsync<IReadOnlyList<ToolServerResponse>>($"v1/bots/{botId}/tool-servers");

    public Task<ApiResult<ToolServerResponse>> AddServerAsync(Guid botId, AddToolServerRequest request) => api.PostAsync<ToolServerResponse>($"v1/bots/{botId}/tool-servers", request);

    public Task<ApiResult<IReadOnlyList<BotToolResponse>>> RefreshServerAsync(Guid botId, Guid serverId) =>
        api.PostAsync<IReadOnlyList<BotToolResponse>>($"v1/bots/{botId}/tool-servers/{serverId}/refresh");

    public Task<ApiResult<Nothing>> RemoveServerAsync(Guid botId, Guid serverId) => api.DeleteAsync($"v1/bots/{botId}/tool-servers/{serverId}");

    public Task<ApiResult<IReadOnlyList<ToolServerResponse>>> ProgramsAsync() => api.GetAsync<IReadOnlyList<ToolServerResponse>>("v1/admin/tool-programs");

    public Task<ApiResult<ToolProgramRulesResponse>> ProgramRulesAsync() => api.GetAsync<ToolProgramRulesResponse>("v1/admin/tool-programs/rules");

    public Task<ApiResult<ToolServerResponse>> AddProgramAsync(AddToolProgramRequest request) => api.PostPatientlyAsync<ToolServerResponse>("v1/admin/tool-programs", request, CancellationToken.None);

    public Task<ApiResult<TriedToolProgramResponse>> TryProgramAsync(Guid id) => api.PostPatientlyAsync<TriedToolProgramResponse>($"v1/admin/tool-programs/{id}/try", new { }, CancellationToken.None);

    public Task<ApiResult<ToolServerResponse>> SwitchProgramAsync(Guid id, bool enabled) => api.PatchAsync<ToolServerResponse>($"v1/admin/tool-programs/{id}", new SwitchToolProgramRequest(enabled));

    public Task<ApiResult<Nothing>> RemoveProgramAsync(Guid id) => api.DeleteAsync($"v1/admin/tool-programs/{id}");

    public Task<ApiResult<Nothing>> ApproveAsync(Guid turnId, string callId, bool remember) =>
        api.PostAsync<Nothing>($"v1/turns/{turnId}/tool-calls/{Uri.EscapeDataString(callId)}/approve", new ApproveToolCallRequest(remember));

    public Task<ApiResult<Nothing>> DenyAsync(Guid turnId, string callId) => api.PostAsync<Nothing>($"v1/turns/{turnId}/tool-calls/{Uri.EscapeDataString(callId)}/deny");
}
