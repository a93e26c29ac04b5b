using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ChatSphere.Contracts;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Clients;

/// <summary>Calls the API for a session: bearer token, one renewal on 401, problems as values. Network trouble is a value as well, never an exception.</summary>
public sealed class ApiTransport(IHttpClientFactory clients, SessionTokens tokens)
{
    public const string ClientName = "api";

    /// <summary>For bodies that take as long as they take, up or down: no attempt timeout, no retries.</summary>
    public const string StreamClientName = "api-stream";

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<ApiResult<T>> SendAsync<T>(string? sessionId, Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        var sent = await OpenAsync(ClientName, sessionId, request, cancellationToken);
        if (!sent.Succeeded)
        {
            return new(default, sent.Problem);
        }

        using var response = sent.Value;
        if (typeof(T) == typeof(Nothing))
        {
            return new((T)(object)(response.StatusCode is HttpStatusCode.Accepted ? new Nothing { IsAccepted = true } : Nothing.Value), null);
        }

        try
        {
            return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken) is { } value ? new(value, null) : new(default, Unreadable());
        }
        catch (JsonException)
        {
            return new(default, Unreadable());
        }
        catch (Exception e) when (IsUnreachable(e) && !cancellationToken.IsCancellationRequested)
        {
            return new(default, ApiProblem.NotReachable());
        }
    }

    /// <summary>Sends, and hands over the response once its headers are there. The caller disposes it.</summary>
    public async Task<ApiResult<HttpResponseMessage>> OpenAsync(
        string client, string? sessionId, Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        string? refused = null;
        try
        {
            while (true)
            {
                using var message = request();
                string? token = null;
                if (sessionId is not null)
                {
                    token = await tokens.AccessTokenAsync(sessionId, refused, cancellationToken);
                    if (token is null)
                    {
                        return new(null, ApiProblem.Ended());
                    }

                    message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                }

                var response = await clients.CreateClient(client).SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return new(response, null);
                }

                using (response)
                {
                    if (response.StatusCode is HttpStatusCode.Unauthorized && token is not null)
                    {
                        if (refused is not null)
                        {
                            return new(null, ApiProblem.Ended());
                        }

                        refused = token;
                        continue;
                    }

                    return new(null, await ReadProblemAsync(response, cancellationToken));
                }
            }
        }
        catch (Exception e) when (IsUnreachable(e) && !cancellationToken.IsCancellationRequested)
        {
            return new(null, ApiProblem.NotReachable());
        }
    }

    /// <summary>Whether a call failed for reasons of the network or of time. The resilience handlers' own exceptions are known by their namespace only.</summary>
    public static bool IsUnreachable(Exception e) =>
        e is HttpRequestException or IOException or TimeoutException or OperationCanceledException
        || e.GetType().Namespace?.StartsWith("Polly", StringComparison.Ordinal) == true;

    private static async Task<ApiProblem> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        ProblemBody? body = null;
        if (response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json")
        {
            try
            {
                body = await response.Content.ReadFromJsonAsync<ProblemBody>(Json, cancellationToken);
            }
            catch (JsonException)
            {
                // A gateway's page, not ours: the status speaks.
            }
        }

        var retryAfter = response.Headers.RetryAfter?.Delta;
        return new(status, body?.Code ?? CodeOf(status), Sentence(status, body, retryAfter))
        {
            Errors = body?.Errors ?? new Dictionary<string, string[]>(),
            TraceId = body?.TraceId,
            RetryAfter = retryAfter,
            Ticket = body?.Ticket,
            Methods = body?.Methods,
            CheckoutUrl = body?.CheckoutUrl,
        };
    }

    private static string Sentence(int status, ProblemBody? body, TimeSpan? retryAfter) => status switch
    {
        429 when body?.Code is ErrorCodes.SignInThrottled => $"There were too many wrong passwords. Try again in {Duration(retryAfter ?? TimeSpan.FromMinutes(1))}.",
        429 when body?.Code is ErrorCodes.UsageLimitReached => body.Detail!,
        429 => $"That was a little fast. Try again {(retryAfter is { TotalSeconds: > 0 } wait ? $"in {Math.Ceiling(wait.TotalSeconds):0} seconds" : "in a moment")}.",
        413 => body?.Detail ?? "That is larger than the server takes.",
        >= 500 and not 503 => "Something went wrong on our side. Nothing of yours was lost; try again in a moment.",
        _ => body?.Detail ?? body?.Title ?? "That did not work. Try again in a moment.",
    };

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: <= 1 } => "a second",
        { TotalSeconds: < 100 } => $"{Math.Ceiling(time.TotalSeconds):0} seconds",
        _ => $"{Math.Ceiling(time.TotalMinutes):0} minutes",
    };

    private static string CodeOf(int status) => status switch
    {
        404 => ErrorCodes.NotFound,
        413 => ErrorCodes.RequestTooLarge,
        429 => ErrorCodes.RateLimited,
        503 => ErrorCodes.DependencyUnavailable,
        _ => ErrorCodes.Unexpected,
    };

    private static ApiProblem Unreadable() => new(502, ErrorCodes.Unexpected, "The server’s answer could not be read. Try again in a moment.");

    private sealed record ProblemBody(string? Title, string? Detail, string? Code, string? TraceId, Dictionary<string, string[]>? Errors, string? Ticket, List<string>? Methods, string? CheckoutUrl);
}
