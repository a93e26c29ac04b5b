using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Security;

/// <summary>A system of its own: what the scanner does to it as its administrator, no other test should meet.</summary>
public sealed class ScannedApp : ChatSphereApp
{
    protected override IEnumerable<(string Resource, string Variable, string Value)> Settings => base.Settings.Concat(
        [("api", "Tokens__AccessTokenLifetime", "00:00:30"), ("api", "RateLimits__Turns", "100000"), ("api", "RateLimits__Default", "1000000"), ("api", "RateLimits__SignIn", "1000000")]);
}

/// <summary>
/// Every operation of the OpenAPI document against wrong types, oversize, missing parts, other people's ids and tokens that are not good any more. Nothing may end in
/// a 5xx, and every refusal must be a problem with a code.
/// </summary>
public sealed class ScanningTheApiTests(ScannedApp app) : IClassFixture<ScannedApp>
{
    private const int AtOnce = 8;
    private static readonly string[] OddIds = ["0", "-1", "null", "%00", "..%2f..%2fetc%2fpasswd", "%27%20or%201=1--", new('9', 2_000), "9223372036854775808", "00000000-0000-0000-0000-000000000000"];
    private static readonly string[] OddQueries = ["", "-1", "0", "1e9", "99999999999999999999", "x", "%00", "%ff%fe", "a&limit=b", "..%2f", new('q', 6_000), "9999-99-99", "%E2%80%AE"];
    private readonly ConcurrentQueue<string> _wrong = new();
    private int _sent;

    [Fact]
    public async Task Nothing_that_is_sent_to_any_operation_ends_in_an_error_of_ours()
    {
        var administrator = await app.AdministratorAsync();
        var expired = administrator.Tokens.AccessToken;
        var operations = Operation.All(JsonNode.Parse(await administrator.Client.GetStringAsync("/openapi/v1.json"))!);
        var person = await app.SomebodyAsync();
        var bot = await person.HasBotAsync();
        var theirs = bot.Id.ToString();
        using var renewing = new SemaphoreSlim(1);

        await Parallel.ForEachAsync(operations, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (operation, cancellationToken) =>
        {
            foreach (var (name, request) in Requests(operation, theirs))
            {
                var token = administrator.Tokens.AccessToken;
                if (await SendAsync(administrator.Client, operation, name, request, token) is not HttpStatusCode.Unauthorized || operation.IsPublic)
                {
                    continue;
                }

                // The token is good for a short while only, and some operations end sessions. Should the account itself have fallen victim, this fails.
                await renewing.WaitAsync(cancellationToken);
                try
                {
                    if (token == administrator.Tokens.AccessToken)
                    {
                        await administrator.SignInAgainAsync();
                    }
                }
                finally
                {
                    renewing.Release();
                }

                await SendAsync(administrator.Client, operation, name, request, administrator.Tokens.AccessToken);
            }
        });

        // The first token expires, and the rest never were any good.
        await Person.EventuallyAsync(async () => (await administrator.Client.SendAsync(new(HttpMethod.Get, "/v1/accounts/me") { Headers = { Authorization = new("Bearer", expired) } })).StatusCode, s => s == HttpStatusCode.Unauthorized);
        string[] bad = [expired, "x", "a.b.c", Unsigned(expired, "none"), Unsigned(expired, "HS256"), "csk_" + new string('A', 64), new('t', 7_000), person.Tokens.RefreshToken];
        await Parallel.ForEachAsync(operations.Where(o => !o.IsPublic), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (operation, _) =>
        {
            foreach (var token in bad)
            {
                var status = await SendAsync(administrator.Client, operation, $"with the token {token[..Math.Min(12, token.Length)]}", Request(operation, operation.With(theirs)), token);
                if (status is not (HttpStatusCode.Unauthorized or HttpStatusCode.RequestHeaderFieldsTooLarge or HttpStatusCode.TooManyRequests))
                {
                    _wrong.Enqueue($"{operation.Name} with a bad token: {(int)status}");
                }
            }
        });

        Assert.True(_wrong.IsEmpty, $"{_wrong.Count} of {_sent}:\n{string.Join('\n', _wrong.Take(60))}");
        Assert.True(_sent > operations.Count * 10, $"Only {_sent} requests were sent to {operations.Count} operations.");
    }

    /// <summary>All bad requests of one operation.</summary>
    private static IEnumerable<(string Name, Func<HttpRequestMessage> Request)> Requests(Operation operation, string theirs)
    {
        if (operation.HasPathParameters)
        {
            foreach (var id in OddIds.Append(theirs).Append(Guid.NewGuid().ToString()))
            {
                yield return ($"id {id[..Math.Min(id.Length, 20)]}", Request(operation, operation.With(id)));
            }
        }

        var path = operation.With(Guid.NewGuid().ToString());
        foreach (var parameter in operation.QueryParameters)
        {
            foreach (var value in OddQueries)
            {
                yield return ($"?{parameter}={value[..Math.Min(value.Length, 20)]}", Request(operation, $"{path}?{parameter}={value}"));
            }
        }

        foreach (var (name, body) in operation.BadBodies())
        {
            yield return (name, Request(operation, path, () => new StringContent(body, Encoding.UTF8, "application/json")));
        }

        if (operation.Method is "POST" or "PUT" or "PATCH")
        {
            yield return ("no body", Request(operation, path, () => null));
            yield return ("another content type", Request(operation, path, () => new StringContent("a=b", Encoding.UTF8, "text/plain")));
            yield return ("another charset", Request(operation, path, () => new StringContent("{}") { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/json; charset=utf-7") } }));
            yield return ("an odd content type", Request(operation, path, () => Raw("{}"u8.ToArray(), "multipart/form-data")));
            yield return ("not UTF-8", Request(operation, path, () => Raw([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d], "application/json")));
            yield return ("2 MB", Request(operation, path, () => new StringContent($"{{\"a\":\"{new string('a', 2 << 20)}\"}}", Encoding.UTF8, "application/json")));
        }
    }

    private static Func<HttpRequestMessage> Request(Operation operation, string path, Func<HttpContent?>? content = null) => () =>
        new HttpRequestMessage(new HttpMethod(operation.Method), path)
        {
            Content = content is not null ? content() : operation.BodySchema is { } schema && operation.Sample(schema) is { } sample ? new StringContent(sample.ToJsonString(), Encoding.UTF8, "application/json") : null,
        };

    private static ByteArrayContent Raw(byte[] bytes, string contentType) => new(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };

    private async Task<HttpStatusCode> SendAsync(HttpClient client, Operation operation, string name, Func<HttpRequestMessage> make, string token)
    {
        using var request = make();
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        Interlocked.Increment(ref _sent);
        HttpResponseMessage response;
        try
        {
            // Event streams have no end; their head says it all.
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (HttpRequestException e) when (request.Content?.Headers.ContentLength > 30_000 && e.InnerException is IOException)
        {
            // Refused and closed while a body too large was still being sent.
            return HttpStatusCode.RequestEntityTooLarge;
        }

        using (response)
        {
            var status = (int)response.StatusCode;
            if (status >= 500)
            {
                _wrong.Enqueue($"{operation.Name} [{name}]: {status} {await BeginningAsync(response)}");
            }
            else if (status >= 400 && !IsKestrels(response) && !await IsProblemAsync(response, operation))
            {
                _wrong.Enqueue($"{operation.Name} [{name}]: {status} is no problem with a code: {await BeginningAsync(response)}");
            }

            return response.StatusCode;
        }
    }

    /// <summary>Refused before there was a request to speak of.</summary>
    private static bool IsKestrels(HttpResponseMessage response) =>
        response.Content.Headers.ContentLength is 0 && response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestUriTooLong or HttpStatusCode.RequestHeaderFieldsTooLarge;

    private static async Task<bool> IsProblemAsync(HttpResponseMessage response, Operation operation)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        if (operation.Path.StartsWith("/scim", StringComparison.Ordinal))
        {
            // RFC 7644, 3.12.
            return type == "application/scim+json" || type == "application/problem+json";
        }

        return type == "application/problem+json" && JsonNode.Parse(await response.Content.ReadAsStringAsync())?["code"]?.GetValueKind() == JsonValueKind.String;
    }

    private static async Task<string> BeginningAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return text[..Math.Min(text.Length, 200)];
    }

    private static string Unsigned(string token, string algorithm)
    {
        var header = System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","typ":"at+jwt"}"""));
        return $"{header}.{token.Split('.')[1]}.{(algorithm == "none" ? "" : token.Split('.')[2])}";
    }
}
