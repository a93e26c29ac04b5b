using System.Net.Http.Headers;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Clients;

/// <summary>Bots as something that one gives to others: versions, tests, pictures, numbers.</summary>
public sealed class BotProductsClient(ApiCalls api, ApiTransport transport, CurrentSession session)
{
    public Task<ApiResult<BotResponse>> UpdateAsync(Guid id, UpdateBotRequest request, int? seen) =>
        seen is null ? api.PatchAsync<BotResponse>($"v1/bots/{id}", request) : api.PatchAsync<BotResponse>($"v1/bots/{id}", request, FormattableString.Invariant($"\"{seen}\""));

    public Task<ApiResult<BotResponse>> ArchiveAsync(Guid id, bool archived) => api.PostAsync<BotResponse>($"v1/bots/{id}/{(archived ? "archive" : "unarchive")}");

    public Task<ApiResult<BotResponse>> CloneAsync(Guid id, CloneBotRequest request) => api.PostAsync<BotResponse>($"v1/bots/{id}/clone", request);

    public Task<ApiResult<Page<BotVersionResponse>>> VersionsAsync(Guid id, string? cursor) => api.GetAsync<Page<BotVersionResponse>>($"v1/bots/{id}/versions" + ApiCalls.Query(("cursor", cursor), ("limit", 30)));

    public Task<ApiResult<BotDiffResponse>> CompareAsync(Guid id, string from, string to) => api.GetAsync<BotDiffResponse>($"v1/bots/{id}/diff" + ApiCalls.Query(("from", from), ("to", to)));

    public Task<ApiResult<BotResponse>> PublishAsync(Guid id, PublishBotRequest request) => api.PostAsync<BotResponse>($"v1/bots/{id}/publish", request);

    public Task<ApiResult<BotResponse>> RollBackAsync(Guid id, int version) => api.PostAsync<BotResponse>($"v1/bots/{id}/rollback", new RollBackBotRequest(version));

    public Task<ApiResult<Nothing>> DiscardAsync(Guid id) => api.DeleteAsync($"v1/bots/{id}/draft");

    public Task<ApiResult<BotResponse>> ShareCanaryAsync(Guid id, int percent) => api.PutAsync<BotResponse>($"v1/bots/{id}/canary", new ShareCanaryRequest(percent));

    public Task<ApiResult<BotResponse>> PromoteAsync(Guid id) => api.PostAsync<BotResponse>($"v1/bots/{id}/canary/promote");

    public Task<ApiResult<Nothing>> WithdrawAsync(Guid id) => api.DeleteAsync($"v1/bots/{id}/canary");

    public Task<ApiResult<IReadOnlyList<GoldenQuestionResponse>>> QuestionsAsync(Guid id) => api.GetAsync<IReadOnlyList<GoldenQuestionResponse>>($"v1/bots/{id}/golden-questions");

    public Task<ApiResult<GoldenQuestionResponse>> AddQuestionAsync(Guid id, SaveGoldenQuestionRequest request) => api.PostAsync<GoldenQuestionResponse>($"v1/bots/{id}/golden-questions", request);

    public Task<ApiResult<GoldenQuestionResponse>> ReplaceQuestionAsync(Guid id, Guid questionId, SaveGoldenQuestionRequest request) =>
        api.PutAsync<GoldenQuestionResponse>($"v1/bots/{id}/golden-questions/{questionId}", request);

    public Task<ApiResult<Nothing>> DeleteQuestionAsync(Guid id, Guid questionId) => api.DeleteAsync($"v1/bots/{id}/golden-questions/{questionId}");

    public Task<ApiResult<IReadOnlyList<GoldenRunResponse>>> RunsAsync(Guid id) => api.GetAsync<IReadOnlyList<GoldenRunResponse>>($"v1/bots/{id}/golden-runs");

    public Task<ApiResult<GoldenRunResponse>> RunAsync(Guid id, Guid runId) => api.GetAsync<GoldenRunResponse>($"v1/bots/{id}/golden-runs/{runId}");

    public Task<ApiResult<GoldenRunResponse>> StartRunAsync(Guid id) => api.PostAsync<GoldenRunResponse>($"v1/bots/{id}/golden-runs");

    public Task<ApiResult<Nothing>> CancelRunAsync(Guid id, Guid runId) => api.PostAsync<Nothing>($"v1/bots/{id}/golden-runs/{runId}/cancel");

    public Task<ApiResult<BotAnalyticsResponse>> AnalyticsAsync(Guid id, DateOnly from) =>
        api.GetAsync<BotAnalyticsResponse>($"v1/bots/{id}/analytics" + ApiCalls.Query(("from", FormattableString.Invariant($"{from:yyyy-MM-dd}"))));

    public Task<ApiResult<WhyResponse>> WhyAsync(Guid messageId) => api.GetAsync<WhyResponse>($"v1/messages/{messageId}/why");

    public Task<ApiResult<Nothing>> DeleteAvatarAsync(Guid id) => api.DeleteAsync($"v1/bots/{id}/avatar");

    public async Task<ApiResult<BotAvatarResponse>> PutAvatarAsync(Guid id, byte[] picture)
    {
        if (await session.IdAsync() is not { } who)
        {
            return new(default, ApiProblem.Ended());
        }

        return await transport.SendAsync<BotAvatarResponse>(
            who,
            () =>
            {
                // What it is, the API finds out by itself.
                var content = new ByteArrayContent(picture);
                content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
                return new(HttpMethod.Put, ApiCalls.Address($"v1/bots/{id}/avatar")) { Content = content };
            },
            CancellationToken.None);
    }
}
