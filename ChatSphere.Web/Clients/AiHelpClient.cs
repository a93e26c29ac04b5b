using ChatSphere.Contracts;
using ChatSphere.Contracts.Context;

namespace ChatSphere.Web.Clients;

/// <summary>
/// Small things that a model does with a text. Asks the deployment's default model, and where there is none that could answer, the one that answered in the conversation: it may
/// be one of the person's own.
/// </summary>
public sealed class AiHelpClient(ApiCalls api)
{
    private const string WithoutModel = "extractive";

    public Task<ApiResult<WrittenTextResponse>> SummariseAsync(string text, int sentences, string? otherwise, CancellationToken cancellationToken) =>
        AskAsync<WrittenTextResponse>("summarise", model => new SummariseRequest(text, sentences, model), otherwise, cancellationToken);

    public Task<ApiResult<WrittenTextResponse>> TranslateAsync(string text, string to, string? otherwise, CancellationToken cancellationToken) =>
        AskAsync<WrittenTextResponse>("translate", model => new TranslateRequest(text, to, model), otherwise, cancellationToken);

    public Task<ApiResult<SuggestedRepliesResponse>> RepliesAsync(string text, string? otherwise, CancellationToken cancellationToken) =>
        AskAsync<SuggestedRepliesResponse>("replies", model => new SuggestRepliesRequest(text, 3, model), otherwise, cancellationToken);

    public Task<ApiResult<ClassificationResponse>> ClassifyAsync(string text, IReadOnlyList<string> labels, string? otherwise, CancellationToken cancellationToken) =>
        AskAsync<ClassificationResponse>("classify", model => new ClassifyRequest(text, labels, model), otherwise, cancellationToken);

    public Task<ApiResult<SentimentResponse>> SentimentAsync(string text, string? otherwise, CancellationToken cancellationToken) =>
        AskAsync<SentimentResponse>("sentiment", model => new SentimentRequest(text, model), otherwise, cancellationToken);

    public Task<ApiResult<LanguageResponse>> LanguageAsync(string text, CancellationToken cancellationToken) =>
        api.PostAsync<LanguageResponse>("v1/ai/language", new DetectLanguageRequest(text), cancellationToken: cancellationToken);

    private async Task<ApiResult<T>> AskAsync<T>(string what, Func<string?, object> request, string? otherwise, CancellationToken cancellationToken)
    {
        var answer = await api.PostPatientlyAsync<T>($"v1/ai/{what}", request(null), cancellationToken);
        return answer.Problem?.Code is ErrorCodes.LanguageModelMissing && otherwise is not (null or WithoutModel)
            ? await api.PostPatientlyAsync<T>($"v1/ai/{what}", request(otherwise), cancellationToken)
            : answer;
    }
}
