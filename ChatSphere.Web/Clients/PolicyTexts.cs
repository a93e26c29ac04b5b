using ChatSphere.Contracts.Privacy;
using Microsoft.Extensions.Caching.Memory;

namespace ChatSphere.Web.Clients;

/// <summary>The texts that people agree to, and whether this person is still to agree to one. Looked at every few minutes only, because every page asks.</summary>
public sealed class PolicyTexts(ApiTransport transport, IMemoryCache cache)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(2);

    /// <summary>None while the API does not answer.</summary>
    public async Task<IReadOnlyList<PolicyResponse>> CurrentAsync()
    {
        var found = await transport.SendAsync<IReadOnlyList<PolicyResponse>>(null, () => new(HttpMethod.Get, ApiCalls.Address("v1/privacy/policies")), CancellationToken.None);
        return found.Value ?? [];
    }

    /// <summary>False while the API does not answer: no page fails because of this.</summary>
    public async Task<bool> IsDueAsync(string sessionId)
    {
        if (cache.TryGetValue<bool>(Key(sessionId), out var due))
        {
            return due;
        }

        var found = await transport.SendAsync<ConsentsResponse>(sessionId, () => new(HttpMethod.Get, ApiCalls.Address("v1/accounts/me/consents")), CancellationToken.None);
        return cache.Set(Key(sessionId), found.Value is { Due.Count: > 0 }, Fresh);
    }

    public void Forget(string sessionId) => cache.Remove(Key(sessionId));

    private static string Key(string sessionId) => $"{nameof(PolicyTexts)} {sessionId}";
}
