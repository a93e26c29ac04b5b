namespace ChatSphere.ServiceDefaults;

/// <summary>What a single request may say about its resilience: <c>request.Options.Set(ResilienceRequestOptions.Repeatable, true)</c>.</summary>
public static class ResilienceRequestOptions
{
    /// <summary>
    /// Repeating this request has no second effect (it carries an idempotency key, say), so it is retried though its method is not safe.
    /// Its content must be readable more than once: no one-shot stream.
    /// </summary>
    public static HttpRequestOptionsKey<bool> Repeatable { get; } = new("ChatSphere.Resilience.Repeatable");

    /// <summary>The response's headers may take longer than the timeouts allow: a large upload, a model that thinks.</summary>
    public static HttpRequestOptionsKey<bool> WithoutTimeouts { get; } = new("ChatSphere.Resilience.WithoutTimeouts");
}
