using System.Text;
using System.Text.Json;
using ChatSphere.Data.Files;
using Microsoft.Extensions.Options;

namespace ChatSphere.Data.Audit;

/// <summary>
/// The checkpoints once more, as JSON lines in <c>Storage:Path/audit-checkpoints/checkpoints.jsonl</c>: outside the database, so that whoever cuts off the chain's end there
/// has not cut it off here. Only added to.
/// </summary>
public sealed class CheckpointFile(IOptions<StorageOptions> options)
{
    private sealed record Line(int V, long Seq, string Hash, string At, string KeyId, string Signature);

    public string Path { get; } = System.IO.Path.Combine(options.Value.Path, "audit-checkpoints", "checkpoints.jsonl");

    /// <summary>In the file's order. What is not a checkpoint is left out: a line that a crash tore is written again whole.</summary>
    internal async Task<List<AuditCheckpoint>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = new List<AuditCheckpoint>();
        if (!File.Exists(Path))
        {
            return found;
        }

        await using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } text)
        {
            if (Parse(text) is { } checkpoint)
            {
                found.Add(checkpoint);
            }
        }

        return found;
    }

    /// <summary>The caller holds the chain's lock.</summary>
    internal async Task AppendAsync(IEnumerable<AuditCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var c in checkpoints)
        {
            // A torn last line ends here.
            text.Append('\n').Append(JsonSerializer.Serialize(
                new Line(1, c.Seq, Convert.ToHexStringLower(c.Hash), CanonicalEvent.Time(c.At), c.KeyId, Convert.ToBase64String(c.Signature)), JsonSerializerOptions.Web));
        }

        if (text.Length == 0)
        {
            return;
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        await using var stream = new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.Read);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text.Append('\n').ToString()), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        RandomAccess.FlushToDisk(stream.SafeFileHandle);
    }

    private static AuditCheckpoint? Parse(string text)
    {
        try
        {
            return text.Length > 0 && JsonSerializer.Deserialize<Line>(text, JsonSerializerOptions.Web) is { V: 1, Hash: not null, KeyId: not null, Signature: not null } line
                && DateTimeOffset.TryParse(line.At, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at)
                ? new AuditCheckpoint { Seq = line.Seq, Hash = Convert.FromHexString(line.Hash), At = at, KeyId = line.KeyId, Signature = Convert.FromBase64String(line.Signature) }
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }
}
