using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ChatSphere.Web.Hosting;

/// <summary>
/// Where the cookie keys live: in Redis, so that all Web nodes share them, and always in a folder too, so that a restart while Redis is away signs nobody out.
/// </summary>
public sealed class KeyRing(RedisConnection redis, FileSystemXmlRepository folder, SecretBox box) : IXmlRepository
{
    private const string RedisKey = "chatsphere:web:keys";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var keys = folder.GetAllElements().ToDictionary(Id);
        var shared = Wait(db => db.HashGetAllAsync(RedisKey))?.Select(e => XElement.Parse(e.Value!)).ToDictionary(Id);
        foreach (var key in keys.Values.Concat(shared is null ? [] : shared.Values).Where(SealAnew).ToList())
        {
            StoreElement(key, $"key-{(string?)key.Attribute("id") ?? Guid.NewGuid().ToString()}");
        }

        if (shared is null)
        {
            return keys.Values;
        }

        // A Redis that came back empty gets the keys again, or the other nodes could not read this one's cookies.
        foreach (var (id, key) in keys.Where(k => !shared.ContainsKey(k.Key)))
        {
            Share(id, key);
        }

        return [.. keys.Values, .. shared.Where(k => !keys.ContainsKey(k.Key)).Select(k => k.Value)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        folder.StoreElement(element, friendlyName);
        Share(Id(element), element);
    }

    /// <summary>After a rotation of the encryption key, so that the old one need not outlive the cookie keys.</summary>
    private bool SealAnew(XElement key)
    {
        var changed = false;
        foreach (var value in key.Descendants("sealed"))
        {
            var bytes = Convert.FromBase64String(value.Value);
            if (box.IsOutdated(bytes) && box.Open("keys", "key", bytes) is { } plain)
            {
                value.Value = Convert.ToBase64String(box.Seal("keys", "key", plain));
                changed = true;
            }
        }

        return changed;
    }

    private void Share(string id, XElement key) => Wait<object>(async db => await db.HashSetAsync(RedisKey, id, key.ToString(SaveOptions.DisableFormatting)));

    /// <summary>The key manager is synchronous by contract; it asks at the start and then once a day.</summary>
    private T? Wait<T>(Func<IDatabase, Task<T>> work)
        where T : class => Task.Run(() => redis.TryAsync<T>(async db => await work(db))).GetAwaiter().GetResult();

    private static string Id(XElement element) => $"{element.Name.LocalName}:{(string?)element.Attribute("id") ?? element.ToString(SaveOptions.DisableFormatting)}";
}

/// <summary>Seals keys with <see cref="SecretBox"/> before they are stored.</summary>
public sealed class KeySealer(SecretBox box) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        return new(new XElement("sealed", Convert.ToBase64String(box.Seal("keys", "key", plain))), typeof(KeyOpener));
    }
}

/// <summary>Created by the key manager by its type name, which stored keys carry: it keeps its name and this constructor.</summary>
public sealed class KeyOpener(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        services.GetRequiredService<SecretBox>().Open("keys", "key", Convert.FromBase64String(encryptedElement.Value)) is { } plain
            ? XElement.Parse(Encoding.UTF8.GetString(plain))
            : throw new InvalidOperationException("A cookie key was sealed under another encryption key.");
}

public static class KeyRingRegistration
{
    public static void AddKeyRing(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RedisConnection>();
        builder.Services.AddSingleton<SecretBox>();
        builder.Services.AddDataProtection().SetApplicationName("ChatSphere.Web");
        builder.Services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(services => new ConfigureOptions<KeyManagementOptions>(options =>
        {
            var path = services.GetRequiredService<IConfiguration>()["DataProtection:Path"];
            if (string.IsNullOrWhiteSpace(path))
            {
                // Deployments of one user on one machine cannot read each other's keys, and must not trip over them.
                var folderName = $"web-keys-{services.GetRequiredService<SecretBox>().Fingerprint}";
                path = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "ChatSphere", folderName);
            }

            var folder = new FileSystemXmlRepository(Directory.CreateDirectory(path), services.GetRequiredService<ILoggerFactory>());
            options.XmlRepository = new KeyRing(services.GetRequiredService<RedisConnection>(), folder, services.GetRequiredService<SecretBox>());
            if (services.GetRequiredService<SecretBox>() is { IsConfigured: true } box)
            {
                options.XmlEncryptor = new KeySealer(box);
            }
        }));
    }
}
