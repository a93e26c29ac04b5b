using ChatSphere.ServiceDefaults;
using ChatSphere.Web.Sessions;
using Microsoft.AspNetCore.Components;

namespace ChatSphere.Web.Clients;

/// <summary>The API as the person of this request or circuit. When the session is over, the person is taken to sign in, and from there back.</summary>
public sealed class ApiCalls(ApiTransport transport, CurrentSession session, NavigationManager navigation, IHttpContextAccessor http)
{
    public Task<ApiResult<T>> GetAsync<T>(string path, CancellationToken cancellationToken = default) =>
        SendAsync<T>(() => new(HttpMethod.Get, Address(path)), cancellationToken);

    public Task<ApiResult<T>> PostAsync<T>(string path, object? body = null, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        SendAsync<T>(() => WithBody(HttpMethod.Post, path, body, idempotencyKey), cancellationToken);

    /// <summary>For what a model thinks about: as long as the client waits at all, instead of as long as an answer usually takes.</summary>
    public Task<ApiResult<T>> PostPatientlyAsync<T>(string path, object body, CancellationToken cancellationToken) => SendAsync<T>(
        () =>
        {
            var message = WithBody(HttpMethod.Post, path, body, null);
            message.Options.Set(ResilienceRequestOptions.WithoutTimeouts, true);
            return message;
        },
        cancellationToken);

    public Task<ApiResult<T>> PatchAsync<T>(string path, object body, CancellationToken cancellationToken = default) =>
        SendAsync<T>(() => WithBody(HttpMethod.Patch, path, body, null), cancellationToken);

    /// <summary>Only if it is still what was seen.</summary>
    public Task<ApiResult<T>> PatchAsync<T>(string path, object body, string ifMatch, CancellationToken cancellationToken = default) => SendAsync<T>(
        () =>
        {
            var message = WithBody(HttpMethod.Patch, path, body, null);
            message.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            return message;
        },
        cancellationToken);

    public Task<ApiResult<T>> PutAsync<T>(string path, object body, CancellationToken cancellationToken = default) =>
        SendAsync<T>(() => WithBody(HttpMethod.Put, path, body, null), cancellationToken);

    public Task<ApiResult<T>> PostBytesAsync<T>(string path, byte[] body, string contentType, CancellationToken cancellationToken = default) => SendAsync<T>(
        () => new(HttpMethod.Post, Address(path)) { Content = new ByteArrayContent(body) { Headers = { ContentType = new(contentType) } } }, cancellationToken);

    public Task<ApiResult<Nothing>> DeleteAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync<Nothing>(() => new(HttpMethod.Delete, Address(path)), cancellationToken);

    /// <summary>As nobody: registering, signing in. The Api limits these by address, which is the person's, not Web's.</summary>
    public Task<ApiResult<T>> PostAnonymouslyAsync<T>(string path, object body, CancellationToken cancellationToken = default) =>
        transport.SendAsync<T>(null, OnBehalf(() => WithBody(HttpMethod.Post, path, body, null)), cancellationToken);

    /// <summary>As nobody: what everybody may read.</summary>
    public Task<ApiResult<T>> GetAnonymouslyAsync<T>(string path, CancellationToken cancellationToken = default) =>
        transport.SendAsync<T>(null, OnBehalf(() => new(HttpMethod.Get, Address(path))), cancellationToken);

    public void AskToSignIn() => navigation.NavigateTo(
        $"{SignInCookie.Path}?ended=1&{SignInCookie.ReturnUrl}={Uri.EscapeDataString("/" + navigation.ToBaseRelativePath(navigation.Uri))}", forceLoad: true);

    public static Uri Address(string path) => new(path, UriKind.Relative);

    /// <summary><c>?name=value</c> of what is not null.</summary>
    public static string Query(params ReadOnlySpan<(string Name, object? Value)> parts)
    {
        var query = "";
        foreach (var (name, value) in parts)
        {
            if (value is not null)
            {
                query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(FormattableString.Invariant($"{value}"))}";
            }
        }

        return query;
    }

    private async Task<ApiResult<T>> SendAsync<T>(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        if (await session.IdAsync() is not { } id)
        {
            AskToSignIn();
            return new(default, ApiProblem.Ended());
        }

        // No ConfigureAwait: navigation belongs to the renderer's own context.
        var result = await transport.SendAsync<T>(id, OnBehalf(request), cancellationToken);
        if (result.Problem?.Code is ApiProblem.SessionEnded)
        {
            AskToSignIn();
        }

        return result;
    }

    /// <summary>Says whose request it is: the browser's address and name. The Api limits by address, keeps address lists, and writes down where acts come from.</summary>
    private Func<HttpRequestMessage> OnBehalf(Func<HttpRequestMessage> request)
    {
        if (http.HttpContext is not { } context)
        {
            return request;
        }

        var (address, browser) = (context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers.UserAgent.ToString());
        return () =>
        {
            var message = request();
            if (address is not null)
            {
                message.Headers.Add("X-Forwarded-For", address);
            }

            if (browser.Length > 0)
            {
                message.Headers.TryAddWithoutValidation("User-Agent", browser);
            }

            return message;
        };
    }

    private static HttpRequestMessage WithBody(HttpMethod method, string path, object? body, string? idempotencyKey)
    {
        var message = new HttpRequestMessage(method, Address(path));
        if (body is not null)
        {
            message.Content = JsonContent.Create(body, body.GetType(), options: ApiTransport.Json);
        }

        if (idempotencyKey is not null)
        {
            message.Headers.Add("Idempotency-Key", idempotencyKey);
            message.Options.Set(ResilienceRequestOptions.Repeatable, true);
        }

        return message;
    }
}
