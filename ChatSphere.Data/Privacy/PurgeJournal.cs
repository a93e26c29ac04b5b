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
    // The first writes; lines from before a rotation were written under the others.
    private readonly byte[][] _keys = [.. secrets.DeriveKeys("privacy.purge-journal")];

    /// <summary>Adds a line, on disk when this returns.</summary>
    public async Task AppendAsync(PurgeKind kind, Guid id, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var at = time.GetUtcNow();
        var line = JsonSerializer.SerializeToUtf8Bytes(new Line(kind.ToString(), id, at, Mac(_keys[0], kind.ToString(), id, at)), JsonSerializerOptions.Web);
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

    /// <summary>Lines whose code another key than the active one made.</summary>
    public long CountOutdated() => File.Exists(_path) ? File.ReadLines(_path).LongCount(l => Outdated(l) is not null) : 0;

    /// <summary>Gives those a code under the active key, so that the old one can be removed. A journal without its codes would be acted on no more.</summary>
    public async Task<int> SignAnewAsync(CancellationToken cancellationToken)
    {
        if (CountOutdated() == 0)
        {
            return 0;
        }

        // Held for as long as it takes: whoever wants to add a line waits.
        await using var file = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.Asynchronous);
        using var reader = new StreamReader(file, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        var lines = (await reader.ReadToEndAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var changed = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            if (Outdated(lines[i]) is { } line)
            {
                lines[i] = JsonSerializer.Serialize(line with { Mac = Mac(_keys[0], line.Kind, line.Id, line.At) }, JsonSerializerOptions.Web);
                changed++;
            }
        }

        // A code is as long as the one before it, so no line moves, and a crash in between leaves lines that are right under one key or the other.
        file.Position = 0;
        await file.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))), cancellationToken);
        file.SetLength(file.Position);
        await file.FlushAsync(cancellationToken);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
        return changed;
    }

    private Line? Outdated(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(text, JsonSerializerOptions.Web) is { Mac: not null } line && !IsMac(_keys[0], line) && Array.Exists(_keys, k => IsMac(k, line)) ? line : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private PurgeLine Read(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<Line>(text, JsonSerializerOptions.Web) is { } line && Enum.TryParse<PurgeKind>(line.Kind, out var kind) && line.Mac is not null)
            {
                return new(kind, line.Id, line.At, Array.Exists(_keys, k => IsMac(k, line)));
            }
        }
        catch (JsonException)
        {
            // Half a line.
        }

        return new(PurgeKind.Erased, Guid.Empty, default, IsOurs: false);
    }

    private static bool IsMac(byte[] key, Line line) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Mac(key, line.Kind, line.Id, line.At)), Encoding.ASCII.GetBytes(line.Mac));

    private static string Mac(byte[] key, string kind, Guid id, DateTimeOffset at) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(FormattableString.Invariant($"{kind} {id:n} {at.UtcTicks}"))));

    private sealed record Line(string Kind, Guid Id, DateTimeOffset At, string Mac);
}
