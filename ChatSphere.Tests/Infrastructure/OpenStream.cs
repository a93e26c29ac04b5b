using System.Net;

namespace ChatSphere.Tests.Infrastructure;

/// <summary>A stream of events that somebody reads until it ends.</summary>
internal sealed class OpenStream(HttpResponseMessage response, Stream stream)
{
    private readonly Task<List<StreamEvent>> _reading = ReadAsync(stream);

    public bool HasEnded => _reading.IsCompleted;

    /// <summary>Opened, and something has come.</summary>
    public static async Task<OpenStream> OpenAsync(Person person, HttpMethod method, string path, object? body = null)
    {
        var response = await person.SendAsync(method, path, body, r => r.Headers.Accept.Add(new("text/event-stream")), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[1]);
        return new OpenStream(response, stream);
    }

    /// <summary>Its events, once it has ended.</summary>
    public async Task<List<StreamEvent>> EndedAsync(TimeSpan limit)
    {
        using (response)
        {
            return await _reading.WaitAsync(limit);
        }
    }

    private static async Task<List<StreamEvent>> ReadAsync(Stream stream)
    {
        var events = new List<StreamEvent>();
        await foreach (var e in Person.ReadAsync(stream))
        {
            events.Add(e);
        }

        return events;
    }
}
