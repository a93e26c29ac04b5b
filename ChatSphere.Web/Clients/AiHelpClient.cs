using ChatSphere.Contracts.Context;

namespace ChatSphere.Web.Clients;

/// <summary>Small things that a language model does with a text. Where none is connected, all but language and mood answer <c>language_model_missing</c>.</summary>
public sealed class AiHelpClient(ApiCalls api)
{
    public Task<ApiResult<WrittenTextResponse>> SummariseAsync(string text, int sentences = 3, string? model = null) => api.PostAsync<WrittenTextResponse>("v1/ai/summarise", new SummariseRequest(text, sentences, model));

    public Task<ApiResult<WrittenTextResponse>> TranslateAsync(string text, string to, string? model = null) => api.PostAsync<WrittenTextResponse>("v1/ai/translate", new TranslateRequest(text, to, model));

    public Task<ApiResult<SuggestedRepliesResponse>> RepliesAsync(string text, int count = 3, string? model = null) => api.PostAsync<SuggestedRepliesResponse>("v1/ai/replies", new SuggestRepliesRequest(text, count, model));

    public Task<ApiResult<ClassificationResponse>> ClassifyAsync(string text, IReadOnlyList<string>? labels = null, string? model = null) => api.PostAsync<ClassificationResponse>("v1/ai/classify", new ClassifyRequest(text, labels, model));

    public Task<ApiResult<SentimentResponse>> SentimentAsync(string text, string? model = null) => api.PostAsync<SentimentResponse>("v1/ai/sentiment", new SentimentRequest(text, model));

    public Task<ApiResult<LanguageResponse>> LanguageAsync(string text) => api.PostAsync<LanguageResponse>("v1/ai/language", new DetectLanguageRequest(text));
}
