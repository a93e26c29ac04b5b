using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Benchmarks.Load;

/// <summary>What came over an answer's stream, and when.</summary>
internal sealed class TurnOutcome
{
    private long startedAt;
    private long sequence;
    private bool ended;
    private int length;

    /// <summary>From sending the turn to the first piece of the answer.</summary>
    public TimeSpan? FirstDelta { get; private set; }

    public TimeSpan Total { get; private set; }

    public int Deltas { get; private set; }

    /// <summary>Null when the stream was whole: numbered without gaps, pieces that fit together, and <c>done</c> at the end.</summary>
    public string? Failure { get; set; } = "the stream has no end";

    public void Start() => startedAt = Stopwatch.GetTimestamp();

    public async Task ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        try
        {
            var parser = SseParser.Create(body, Parse);
            await foreach (var item in parser.EnumerateAsync(cancellationToken))
            {
                if (!long.TryParse(parser.LastEventId, out var id) || id != sequence)
                {
                    throw new FormatException($"event {sequence} ({item.EventType}) has the id '{parser.LastEventId}'");
                }
            }
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or FormatException or JsonException)
        {
            Failure = broken.Message;
        }

        Total = Stopwatch.GetElapsedTime(startedAt);
    }

    /// <summary>Works on the bytes: at a thousand streams the client must cost less than what it measures.</summary>
    private bool Parse(string eventType, ReadOnlySpan<byte> data)
    {
        if (ended)
        {
            throw new FormatException($"'{eventType}' follows the end");
        }

        sequence++;
        ended = eventType is TurnEventNames.Done or TurnEventNames.Failed;
        switch (eventType)
        {
            case TurnEventNames.Delta:
                FirstDelta ??= Stopwatch.GetElapsedTime(startedAt);
                Deltas++;
                var (offset, characters) = Piece(data);
                if (offset != length)
                {
                    throw new FormatException($"event {sequence}: a piece at {offset} does not follow {length} characters");
                }

                length += characters;
                break;
            case TurnEventNames.Done:
                Failure = null;
                break;
            case TurnEventNames.Failed:
                Failure = System.Text.Encoding.UTF8.GetString(data[..Math.Min(data.Length, 300)]);
                break;
        }

        return true;
    }

    private static (int Offset, int Characters) Piece(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        var (offset, characters) = (-1, 0);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                if (reader.ValueTextEquals("offset"u8))
                {
                    reader.Read();
                    offset = reader.GetInt32();
                }
                else if (reader.ValueTextEquals("text"u8))
                {
                    reader.Read();
                    characters = reader.GetString()!.Length;
                }
            }
        }

        return (offset, characters);
    }
}
