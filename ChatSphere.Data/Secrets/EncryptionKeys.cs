using System.Collections.Frozen;
using System.Text.Json;

namespace ChatSphere.Data.Secrets;

/// <summary>
/// The keys of a deployment by their ids, and the one that new values are sealed under. Compiled into Web as well (docs/adr/0014): it references nothing, and both must
/// read the same settings alike.
/// </summary>
public sealed class EncryptionKeys
{
    /// <summary>The id of <c>Encryption:Key</c>.</summary>
    public const string DefaultId = "default";

    private const int MinLength = 32;
    private const int MaxIdLength = 16;

    private EncryptionKeys(FrozenDictionary<string, string> texts, string? activeId) => (Texts, ActiveId) = (texts, activeId);

    /// <summary>As configured: what they are made into is the reader's to say.</summary>
    public FrozenDictionary<string, string> Texts { get; }

    /// <summary>Null when there are none.</summary>
    public string? ActiveId { get; }

    /// <summary>The setting that gives a key, for messages.</summary>
    public static string SettingOf(string id) => id == DefaultId ? "Encryption:Key" : $"Encryption:Keys:{id}";

    /// <param name="key"><c>Encryption:Key</c>.</param>
    /// <param name="keys"><c>Encryption:Keys:…</c>.</param>
    /// <param name="activeId"><c>Encryption:ActiveKey</c>; may be left out where there is one key, or <paramref name="key"/> is the one.</param>
    /// <param name="file"><c>Encryption:KeysFile</c>: JSON <c>{"ActiveKey": "b", "Keys": {"a": "…", "b": "…"}}</c>. What is set outside it wins.</param>
    /// <exception cref="InvalidOperationException">Something is wrong with them; the message names the setting.</exception>
    public static EncryptionKeys From(string? key, IEnumerable<KeyValuePair<string, string?>> keys, string? activeId, string? file)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!string.IsNullOrWhiteSpace(file))
        {
            var written = Read(file);
            activeId = string.IsNullOrWhiteSpace(activeId) ? written.ActiveKey : activeId;
            foreach (var (id, text) in written.Keys ?? [])
            {
                texts[id] = text ?? "";
            }
        }

        foreach (var (id, text) in keys)
        {
            texts[id] = text ?? "";
        }

        if (!string.IsNullOrWhiteSpace(key))
        {
            if (texts.TryGetValue(DefaultId, out var other) && other != key)
            {
                throw new InvalidOperationException($"Encryption:Key and Encryption:Keys:{DefaultId} name the same key and differ; remove one of them.");
            }

            texts[DefaultId] = key;
        }

        foreach (var (id, text) in texts)
        {
            if (id.Length is 0 or > MaxIdLength || !id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
            {
                throw new InvalidOperationException($"Encryption:Keys:{id}: a key's id has 1 to {MaxIdLength} characters, a to z, 0 to 9 and the hyphen.");
            }

            if (text.Length < MinLength)
            {
                throw new InvalidOperationException($"{SettingOf(id)} is too short: set at least {MinLength} random bytes, for example the output of `openssl rand -base64 32`.");
            }
        }

        if (string.IsNullOrWhiteSpace(activeId))
        {
            activeId = texts.ContainsKey(DefaultId) ? DefaultId : texts.Count switch
            {
                0 => null,
                1 => texts.Keys.Single(),
                _ => throw new InvalidOperationException("Encryption:ActiveKey is not set, and there are several keys: name the one that new values are sealed under."),
            };
        }

        return activeId is null || texts.ContainsKey(activeId)
            ? new EncryptionKeys(texts.ToFrozenDictionary(StringComparer.Ordinal), activeId)
            : throw new InvalidOperationException($"Encryption:ActiveKey is {activeId}, and {SettingOf(activeId)} is not set.");
    }

    private static KeysFile Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new InvalidOperationException($"Encryption:KeysFile: there is no file {path}.");
        }

        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;
        if (!OperatingSystem.IsWindows() && (file.ResolveLinkTarget(returnFinalTarget: true)?.UnixFileMode ?? file.UnixFileMode) is var mode && (mode & Others) != 0)
        {
            throw new InvalidOperationException($"Encryption:KeysFile: {path} is open to others than its owner and group; run `chmod 640 {path}`, or 600.");
        }

        try
        {
            return JsonSerializer.Deserialize<KeysFile>(File.ReadAllBytes(path), JsonSerializerOptions.Web) ?? new KeysFile(null, null);
        }
        catch (JsonException)
        {
            // The exception's own text quotes the file.
            throw new InvalidOperationException($"Encryption:KeysFile: {path} is not JSON with \"ActiveKey\" and \"Keys\"; docs/encryption.md shows one.");
        }
    }

    private sealed record KeysFile(string? ActiveKey, Dictionary<string, string?>? Keys);
}
