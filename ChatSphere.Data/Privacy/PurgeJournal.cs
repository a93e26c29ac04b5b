using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ChatSphere.Data.Files;
using ChatSphere.Data.Secrets;
using Microsoft.Extensions.Options;

namespace ChatSphere.Data.Privacy;

public enum PurgeKind
{
    /// <summary>Id: the account.</summary>
    Erased,

    /// <summary>Id: the erasure, which must not be carried out although a restored database says that it waits.</summary>
    Cancelled,
}

/// <param name="IsOurs">Whether its code is right. A line that is not ours is never acted on: it would be a way to delete people.</param>
public sealed record PurgeLine(PurgeKind Kind, Guid Id, DateTimeOffset At, bool IsOurs);

/// <summary>
/// What a restore of the database must not bring back: a file of lines, <c>{"kind","id","at","mac"}</c>, only ever added to, in the storage folder and not in the database.
/// Keep it apart from the database's backups. The code of each line is an HMAC under a key made from <c>Encryption:Key</c>.
/// </summary>
public sealed class PurgeJournal(IOptions<StorageOptions> options, SecretBox secrets, TimeProvider time)
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(50);
    private const int MaxTries = 200;
    private readonly string _path = Path.Combine(options.Value.Path, "purge-journal", "journal.jsonl");
    private readonly byte[] _key = secrets.DeriveKey("privacy.purge-journal");

    /// <summary>Adds a line, on disk when this returns.</summary>
    public async Task AppendAsync(PurgeKind kind, Guid id, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var at = time.GetUtcNow();
        var line = JsonSerializer.SerializeToUtf8Bytes(new Line(kind.ToString(), id, at, Mac(kind.ToString(), id, at)), JsonSerializerOptions.Web);
        for (var tries = 0; ; tries++)
        {
            try
            {
                // One writer at a time over all processes.
                await using var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.Asynchronous);
                var whole = true;
                if (file.Length > 0)
                {
                    file.Seek(-1, SeekOrigin.End);
                    whole = file.ReadByte() == '\n';
                }

                // After half a line of a writer that died, ours begins on a line of its own.
                await file.WriteAsync((byte[])[.. whole ? [] : "\n"u8, .. line, (byte)'\n'], cancellationToken);
                await file.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
                return;
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException) && tries < MaxTries)
            {
                await Task.Delay(TryAgain, time, cancellationToken);
            }
        }
    }

    public async IAsyncEnumerable<PurgeLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(_path))
        {
            yield break;
        }

        // A copy in memory: small, and nobody has to wait for whoever reads.
        string[] lines = await File.ReadAllLinesAsync(_path, cancellationToken);
        foreach (var text in lines.Where(l => l.Length > 0))
        {
            yield return Read(text);
        }
    }

    private PurgeLine Read(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<Line>(text, JsonSerializerOptions.Web) is { } line && Enum.TryParse<PurgeKind>(line.Kind, out var kind) && line.Mac is not null)
            {
                return new(kind, line.Id, line.At, CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Mac(line.Kind, line.Id, line.At)), Encoding.ASCII.GetBytes(line.Mac)));
            }
        }
        catch (JsonException)
        {
            // Half a line.
        }

        return new(PurgeKind.Erased, Guid.Empty, default, IsOurs: false);
    }

    private string Mac(string kind, Guid id, DateTimeOffset at) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(FormattableString.Invariant($"{kind} {id:n} {at.UtcTicks}"))));

    private sealed record Line(string Kind, Guid Id, DateTimeOffset At, string Mac);
}
