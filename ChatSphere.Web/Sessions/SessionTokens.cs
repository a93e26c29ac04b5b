using System.Collections.Concurrent;
using System.Net;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Web.Clients;

namespace ChatSphere.Web.Sessions;

/// <summary>
/// Access tokens for sessions. A refresh token works once, so one refresh at a time runs per session, whoever needs it, and it is never cancelled half-way:
/// the answer holds the only token that works from then on.
/// </summary>
public sealed partial class SessionTokens(SessionStore store, IHttpClientFactory clients, IHttpContextAccessor http, TimeProvider time, ILogger<SessionTokens> logger)
{
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<string, Lazy<Task<Refreshed>>> running = new();
    private readonly string node = Guid.NewGuid().ToString("N");

    /// <param name="refused">A token that the API has just answered with 401.</param>
    /// <returns>Null when the session is over.</returns>
    /// <exception cref="HttpRequestException">The token is no longer good and the API cannot be reached for another.</exception>
    public async Task<string?> AccessTokenAsync(string sessionId, string? refused, CancellationToken cancellationToken)
    {
        var session = await store.FindAsync(sessionId);
        if (session is null)
        {
            return null;
        }

        if (session.AccessToken != refused && session.AccessTokenExpiresAt - Early > time.GetUtcNow())
        {
            return session.AccessToken;
        }

        var address = http.HttpContext is { WebSockets.IsWebSocketRequest: false } context ? context.Connection.RemoteIpAddress?.ToString() : null;
        var refresh = running.GetOrAdd(sessionId, id => new(() => Task.Run(() => RefreshAsync(id, session.AccessToken, address), CancellationToken.None)));
        var (outcome, renewed) = await refresh.Value.WaitAsync(cancellationToken);
        if (outcome is Outcome.Ended)
        {
            return null;
        }

        if (outcome is Outcome.Unavailable && (session.AccessToken == refused || session.AccessTokenExpiresAt <= time.GetUtcNow()))
        {
            throw new HttpRequestException("The API cannot be reached to renew the session.");
        }

        return (renewed ?? session).AccessToken;
    }

    private async Task<Refreshed> RefreshAsync(string id, string stale, string? address)
    {
        var locked = false;
        try
        {
            // Another node may be at it: wait for its result, and take over if it never comes.
            for (var attempt = 0; attempt < 20 && !(locked = await store.TryLockRefreshAsync(id, node)); attempt++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), time);
            }

            var session = await store.FindAsync(id, askRedis: true);
            if (session is null)
            {
                return new(Outcome.Ended, null);
            }

            if (session.AccessToken != stale && session.AccessTokenExpiresAt > time.GetUtcNow())
            {
                return new(Outcome.Renewed, session);
            }

            session = session with { Address = address ?? session.Address };
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("v1/accounts/refresh", UriKind.Relative))
            {
                Content = JsonContent.Create(new RefreshRequest(session.RefreshToken), options: ApiTransport.Json),
            };
            if (session.Address is not null)
            {
                request.Headers.Add("X-Forwarded-For", session.Address);
            }

            using var response = await clients.CreateClient(ApiTransport.ClientName).SendAsync(request);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest)
            {
                await store.RemoveAsync(id);
                LogEnded();
                return new(Outcome.Ended, null);
            }

            if (!response.IsSuccessStatusCode)
            {
                return new(Outcome.Unavailable, null);
            }

            var tokens = (await response.Content.ReadFromJsonAsync<TokenResponse>(ApiTransport.Json))!;
            session = session with
            {
                AccessToken = tokens.AccessToken,
                AccessTokenExpiresAt = time.GetUtcNow().AddSeconds(tokens.ExpiresIn),
                RefreshToken = tokens.RefreshToken,
                Rotation = session.Rotation + 1,
            };
            session = await WithCurrentAccountAsync(session);
            await store.SaveAsync(session);
            return new(Outcome.Renewed, session);
        }
        catch (Exception e) when (ApiTransport.IsUnreachable(e))
        {
            return new(Outcome.Unavailable, null);
        }
        finally
        {
            running.TryRemove(id, out _);
            if (locked)
            {
                await store.UnlockRefreshAsync(id, node);
            }
        }
    }

    /// <summary>Name, e-mail and permissions may have changed; when the API cannot say, they stay as they were.</summary>
    private async Task<WebSession> WithCurrentAccountAsync(WebSession session)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("v1/accounts/me", UriKind.Relative)) { Headers = { Authorization = new("Bearer", session.AccessToken) } };
            using var response = await clients.CreateClient(ApiTransport.ClientName).SendAsync(request);
            return response.IsSuccessStatusCode && await response.Content.ReadFromJsonAsync<AccountResponse>(ApiTransport.Json) is { } account
                ? session with { Email = account.Email, DisplayName = account.DisplayName, Permissions = account.Permissions }
                : session;
        }
        catch (Exception e) when (ApiTransport.IsUnreachable(e))
        {
            return session;
        }
    }

    /// <summary>Looks at the account anew: after a change that shows in the name, the e-mail or the permissions.</summary>
    public async Task AccountChangedAsync(string sessionId)
    {
        if (await store.FindAsync(sessionId, askRedis: true) is { } session)
        {
            await store.SaveAsync(await WithCurrentAccountAsync(session));
        }
    }

    [LoggerMessage(LogLevel.Information, "The API refused a refresh token; the session is over")]
    private partial void LogEnded();

    private enum Outcome
    {
        Renewed,
        Ended,
        Unavailable,
    }

    private sealed record Refreshed(Outcome Outcome, WebSession? Session);
}
