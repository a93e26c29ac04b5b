using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ChatSphere.Tests.Infrastructure;

/// <summary>A problem response as a caller sees it.</summary>
public sealed record Problem(string? Type, string? Title, int Status, string? Detail, string? Code, string? TraceId, Dictionary<string, string[]>? Errors);

internal static class Wire
{
    /// <summary>The body of a success; anything else fails the test with what came instead.</summary>
    public static async Task<T> ReadAsync<T>(this HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            Assert.Fail($"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.PathAndQuery} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        return (await response.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web))!;
    }

    /// <summary>Asserts a refusal: its status, code and shape.</summary>
    public static async Task<Problem> RefusedAsync(this Task<HttpResponseMessage> sending, HttpStatusCode status, string code)
    {
        using var response = await sending;
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.PathAndQuery} answered {(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize<Problem>(body, JsonSerializerOptions.Web)!;
        Assert.Equal(code, problem.Code);
        Assert.Equal($"urn:chatsphere:problem:{code}", problem.Type);
        Assert.Equal((int)status, problem.Status);
        Assert.False(string.IsNullOrEmpty(problem.Detail));
        Assert.False(string.IsNullOrEmpty(problem.TraceId));
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        return problem;
    }
}
