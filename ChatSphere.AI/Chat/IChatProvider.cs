using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat;

/// <summary>
/// Somebody who serves language models: one implementation for each wire protocol. What it throws while streaming decides what happens next, see
/// <see cref="ProviderException"/>; it never retries by itself.
/// </summary>
public interface IChatProvider
{
    /// <summary>As in <c>gen_ai.provider.name</c>.</summary>
    string Name { get; }

    /// <summary>Null: it names none.</summary>
    string? DefaultModel { get; }

    /// <summary>The ids of the models it serves. Throws when it cannot be asked.</summary>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Whether it serves this one: lists leave out aliases and fine-tuned models. Throws when it cannot be asked.</summary>
    Task<bool> ServesAsync(string model, CancellationToken cancellationToken);

    IChatClient Open(string model);
}

/// <summary>A model that can be asked, through one key of one connection.</summary>
/// <param name="Provider">As in <c>gen_ai.provider.name</c>.</param>
public sealed record ChatModel(string Id, string Provider, IChatClient Client)
{
    /// <summary>Its name.</summary>
    public string Connection { get; init; } = Provider;

    /// <summary>Unlike the name unique: what circuits go by.</summary>
    public string Circuit { get; init; } = Provider;

    /// <summary>Names the key without being it.</summary>
    public string Key { get; init; } = "";

    /// <summary>The key is the asker's own.</summary>
    public bool IsOwn { get; init; }
}

/// <summary>How a provider failed, in a form that routing understands whatever the protocol. The message holds nothing that the provider sent.</summary>
public sealed class ProviderException(string message, int? status = null, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The HTTP status; null when there was none: network, nonsense, an end without a finish.</summary>
    public int? Status { get; } = status;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
