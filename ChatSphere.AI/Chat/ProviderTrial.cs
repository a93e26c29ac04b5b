using System.Net.Sockets;
using System.Security.Authentication;
using ChatSphere.AI.Chat.Providers;
using ChatSphere.Data.Models;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat;

/// <param name="Message">For people; names what failed, and nothing that the provider sent.</param>
/// <param name="Models">What it lists.</param>
public sealed record ProviderTrialResult(bool Works, string Message, IReadOnlyList<string> Models);

/// <summary>Tries a connection with each of its keys: lists the models, or where there is no list asks one for a single token.</summary>
public sealed class ProviderTrial(ProviderFactory factory, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task<ProviderTrialResult> TryAsync(ProviderSettings settings, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(keys);
        IReadOnlyList<string> models = [];
        IReadOnlyList<string> all = keys.Count == 0 ? [""] : keys;
        for (var i = 0; i < all.Count; i++)
        {
            using var limit = new CancellationTokenSource(Patience, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                models = await TryAsync(settings, all[i], linked.Token);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not OutOfMemoryException)
            {
                var which = all.Count > 1 ? $"Key {i + 1} of {all.Count}: " : "";
                return new(false, which + Describe(e, settings), []);
            }
        }

        return new(true, models.Count > 0 ? $"It works and offers {models.Count} {(models.Count == 1 ? "model" : "models")}." : "It works.", models);
    }

    private async Task<IReadOnlyList<string>> TryAsync(ProviderSettings settings, string key, CancellationToken cancellationToken)
    {
        var provider = factory.Open(settings, key);
        var model = settings.Models.Count > 0 ? settings.Models[0] : settings.DefaultModel;
        if (settings.Kind != ProviderKind.AzureOpenAi)
        {
            try
            {
                return await provider.ListAsync(cancellationToken);
            }
            catch (ProviderException e) when (model is not null && e.Status is 404 or 405 or 501)
            {
                // Some servers have no list.
            }
        }

        var options = new ChatOptions { ModelId = model, MaxOutputTokens = 16 };
        if (provider is IEmbeddingProvider embedding && !KnownModels.Talks(model!))
        {
            await embedding.EmbedAsync(model!, ["Hello"], cancellationToken);
            return [];
        }

        await foreach (var _ in provider.Open(model!).GetStreamingResponseAsync([new(ChatRole.User, "Say hello.")], options, cancellationToken))
        {
            break;
        }

        return [];
    }

    private static string Describe(Exception e, ProviderSettings settings) => e switch
    {
        ProviderException { Status: 401 or 403 } refused => settings.UsesEntra
            ? $"The application was refused (status {refused.Status}): check tenant, application id and secret, and that it may use the resource."
            : $"The key was refused (status {refused.Status}).",
        ProviderException { Status: 404 } => settings.Kind == ProviderKind.AzureOpenAi
            ? "There is no such deployment at this address (status 404)."
            : "There is nothing of this kind at the address (status 404). Does the version belong to it, as in …/v1?",
        ProviderException { Status: 429 } => "The key works, but its quota is used up at the moment (status 429).",
        ProviderException { Status: >= 300 and < 400 } => "The address leads elsewhere (a redirect); give the address that it leads to.",
        ProviderException { Status: { } status } => $"The provider answered with an error (status {status}).",
        HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } => "The address has a name that does not exist.",
        HttpRequestException { InnerException: SocketException } => "Nothing answers at the address.",
        HttpRequestException { InnerException: AuthenticationException } => "The server has no certificate that can be trusted.",
        HttpRequestException when !settings.IsTrusted => "Nothing answers at the address, or it may not be used: it must be public, with https on the usual port.",
        HttpRequestException or IOException => "The connection failed.",
        OperationCanceledException => "There was no answer in time.",
        _ => "It did not answer as this kind of provider does.",
    };
}
