extern alias web;

using System.Security.Cryptography;
using ChatSphere.Data;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WebBox = web::ChatSphere.Web.Hosting.SecretBox;

namespace ChatSphere.Tests.Encryption;

public sealed class EncryptionKeysTests
{
    private const string A = "the first encryption key, of more than 32 characters";
    private const string B = "the second encryption key, of more than 32 characters";

    [Fact]
    public void After_a_rotation_the_old_key_opens_what_it_sealed_and_the_new_one_seals()
    {
        var before = Box(("Key", A));
        var old = before.Protect("x", "one"u8);
        Assert.Equal(1, old[0]);
        var after = Box(("Key", A), ("Keys:b", B), ("ActiveKey", "b"));
        Assert.Equal("one"u8.ToArray(), after.Unprotect("x", old));
        var anew = after.Protect("x", "two"u8);
        Assert.Equal("b", SecretBox.KeyIdOf(anew));
        Assert.Equal("two"u8.ToArray(), Box(("Keys:b", B)).Unprotect("x", anew));
        Assert.Equal("two"u8.ToArray(), Box(("Key", A), ("Keys:b", B)).Unprotect("x", anew));
        Assert.Equal([after.KeyFor("b", "y"), after.KeyFor("default", "y")], after.DeriveKeys("y"));
        Assert.Equal(before.DeriveKey("y"), after.DeriveKeys("y").Last());
    }

    [Fact]
    public void A_missing_key_is_named_with_its_setting_and_never_mistaken_for_damage()
    {
        var sealed_ = Box(("Keys:b", B)).Protect("x", "two"u8);
        var missing = Assert.Throws<MissingEncryptionKeyException>(() => Box(("Key", A)).Unprotect("x", sealed_));
        Assert.Equal("b", missing.KeyId);
        Assert.Contains("Encryption:Keys:b", missing.Message, StringComparison.Ordinal);
        Assert.Contains("Encryption:Key ", Assert.Throws<MissingEncryptionKeyException>(() => Box(("Keys:b", B)).Unprotect("x", Box(("Key", A)).Protect("x", "one"u8))).Message, StringComparison.Ordinal);
        var content = Seal(Box(("Keys:b", B))).Seal("x", "written");
        Assert.Equal("b", Assert.Throws<MissingEncryptionKeyException>(() => Seal(Box(("Key", A))).Open("x", content)).KeyId);
        Assert.Equal("b", Assert.Throws<MissingEncryptionKeyException>(() => ContentSeal.None.Open("x", content)).KeyId);
        Assert.ThrowsAny<CryptographicException>(() => Box(("Keys:b", A)).Unprotect("x", sealed_));
        Assert.ThrowsAny<CryptographicException>(() => Box(("Keys:b", B)).Unprotect("y", sealed_));
    }

    [Fact]
    public void The_id_of_the_key_cannot_be_exchanged()
    {
        var box = Box(("Keys:a", A), ("Keys:b", A), ("ActiveKey", "b"));
        var value = box.Protect("x", "two"u8);
        value[2] = (byte)'a';
        Assert.ThrowsAny<CryptographicException>(() => box.Unprotect("x", value));
    }

    [Theory]
    [InlineData("Set Encryption:Key")]
    [InlineData("Encryption:Key is too short", "Key", "short")]
    [InlineData("Encryption:Keys:a is too short", "Keys:a", "short")]
    [InlineData("Encryption:Keys:A_b: a key's id", "Keys:A_b", A)]
    [InlineData("Encryption:ActiveKey is not set", "Keys:a", A, "Keys:b", B)]
    [InlineData("Encryption:ActiveKey is c, and Encryption:Keys:c is not set", "Keys:a", A, "ActiveKey", "c")]
    [InlineData("differ", "Key", A, "Keys:default", B)]
    [InlineData("there is no file", "KeysFile", "/nowhere/keys.json")]
    public void What_is_wrong_with_the_keys_is_said_by_the_setting(string expected, params string[] settings) =>
        Assert.Contains(expected, Assert.Throws<OptionsValidationException>(() => Box([.. settings.Chunk(2).Select(s => (s[0], s[1]))])).Message, StringComparison.Ordinal);

    [Fact]
    public void Keys_come_from_a_file_that_others_cannot_read()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, $"{{\"activeKey\": \"b\", \"keys\": {{\"a\": \"{A}\", \"b\": \"{B}\"}}}}");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
                Assert.Contains("chmod", Assert.Throws<OptionsValidationException>(() => Box(("KeysFile", path))).Message, StringComparison.Ordinal);
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            Assert.Equal(["b", "a"], Box(("KeysFile", path)).KeyIds);
            var web = Web(("KeysFile", path));
            Assert.Equal("v"u8.ToArray(), Web(("Keys:b", B)).Open("p", "c", web.Seal("p", "c", "v"u8)));
            File.WriteAllText(path, $"{{\"keys\": {{\"a\": \"{A}\" ");
            var broken = Assert.Throws<OptionsValidationException>(() => Box(("KeysFile", path)));
            Assert.DoesNotContain(A, broken.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Web_reads_the_same_keys()
    {
        var old = Web(("Key", A)).Seal("p", "c", "v"u8);
        var rotated = Web(("Key", A), ("Keys:b", B), ("ActiveKey", "b"));
        Assert.Equal("v"u8.ToArray(), rotated.Open("p", "c", old));
        Assert.True(rotated.IsOutdated(old));
        var anew = rotated.Seal("p", "c", "v"u8);
        Assert.False(rotated.IsOutdated(anew));
        Assert.Equal("v"u8.ToArray(), Web(("Keys:b", B)).Open("p", "c", anew));
        Assert.Null(Web(("Key", A)).Open("p", "c", anew));
        Assert.Equal(Web(("Key", A)).Fingerprint, rotated.Fingerprint);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("\u0001s:b:AAAA")]
    [InlineData("\u0001p:")]
    [InlineData("\u0001")]
    [InlineData("Grüße 👋 \u0001s:")]
    public void Whatever_is_written_comes_back_and_nothing_can_be_written_that_passes_for_sealed(string text)
    {
        var plain = new ContentSeal(Box(("Keys:b", B)), active: false);
        var on = Seal(Box(("Keys:b", B)));
        Assert.Equal(text, plain.Open("x", plain.Seal("x", text)));
        Assert.Equal(text, on.Open("x", plain.Seal("x", text)));
        Assert.Equal(text, plain.Open("x", on.Seal("x", text)));
        Assert.Equal(text.Length > 0, on.Seal("x", text).StartsWith("\u0001s:b:", StringComparison.Ordinal));
        Assert.False(plain.Seal("x", text).StartsWith("\u0001s:", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_column_with_something_sealed_is_named_for_re_encryption()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:chatsphere", "Host=127.0.0.1;Port=1")]);
        builder.Services.AddLogging();
        builder.AddChatSphereData();
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();
        var model = scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Model;
        var sealed_ = model.GetEntityTypes().SelectMany(e => e.GetProperties().Where(p => p.ClrType == typeof(byte[])
                && (p.Name.Contains("Sealed", StringComparison.Ordinal) || p.Name.Contains("Protected", StringComparison.Ordinal) || p.Name.Contains("Encrypted", StringComparison.Ordinal)))
            .Select(p => $"{e.GetSchema()}.{e.GetTableName()}.{p.GetColumnName()}")).Order().ToList();
        Assert.NotEmpty(sealed_);
        Assert.Equal([], sealed_.Except(SealedColumns.All.Select(c => $"{c.Table}.{c.Column}")));
        Assert.Equal([], SealedColumns.All.Select(c => c.Table).Except(model.GetEntityTypes().Select(e => $"{e.GetSchema()}.{e.GetTableName()}")));
    }

    private static SecretBox Box(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("Encryption:" + s.Key, (string?)s.Value)));
        builder.AddSecretBox();
        return builder.Build().Services.GetRequiredService<SecretBox>();
    }

    private static ContentSeal Seal(SecretBox box) => new(box, active: true);

    private static WebBox Web(params (string Key, string Value)[] settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("Encryption:" + s.Key, (string?)s.Value))).Build());
}
