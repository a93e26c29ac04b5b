using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Hosting.Testing;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;
using Npgsql;

namespace ChatSphere.Tests.Accounts;

/// <summary>An authenticator app on somebody's phone.</summary>
internal sealed class PhoneApp(string secret)
{
    private long _last = long.MinValue;

    /// <summary>A code that is good now and was not shown before; there are three of them at any moment.</summary>
    public string Next()
    {
        _last = Math.Max(Now() - 1, _last + 1);
        return CodeAt(_last);
    }

    /// <summary>The code some steps of thirty seconds from now.</summary>
    public string Code(int stepsAway) => CodeAt(Now() + stepsAway);

    /// <summary>Six digits that are none of those which are good around now.</summary>
    public string Wrong() => Enumerable.Range(0, 1_000_000).Select(n => n.ToString("D6", CultureInfo.InvariantCulture)).First(c => !Enumerable.Range(-3, 7).Any(s => Code(s) == c));

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30;

    private string CodeAt(long step)
    {
        var key = new List<byte>();
        int bits = 0, buffer = 0;
        foreach (var c in secret)
        {
            buffer = ((buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal)) & 0xffff;
            if ((bits += 5) >= 8)
            {
                key.Add((byte)(buffer >> (bits -= 8)));
            }
        }

        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // As the apps do.
        var mac = HMACSHA1.HashData(key.ToArray(), counter);
#pragma warning restore CA5350
        return ((BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 15)) & 0x7fffffff) % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }
}

internal sealed record SecondFactorNeeded(string Code, string Ticket, List<string> Methods);

/// <summary>What people do to protect their accounts.</summary>
internal static class Factors
{
    public static async Task<(PhoneApp App, IReadOnlyList<string> RecoveryCodes)> HasAppAsync(this Person person)
    {
        var setup = await (await person.PostAsync("/v1/accounts/me/totp")).ReadAsync<TotpSetupResponse>();
        var app = new PhoneApp(setup.Secret);
        var codes = await (await person.PostAsync("/v1/accounts/me/totp/confirm", new ConfirmTotpRequest(app.Next()))).ReadAsync<RecoveryCodesResponse>();
        return (app, codes.RecoveryCodes);
    }

    /// <summary>The first step: what is asked for next.</summary>
    public static async Task<SecondFactorNeeded> GivesPasswordAsync(this Person person)
    {
        using var response = await person.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(person.Account.Email, Person.Password));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, response.StatusCode);
        var needed = (await response.Content.ReadFromJsonAsync<SecondFactorNeeded>(JsonSerializerOptions.Web))!;
        Assert.Equal("second_factor_needed", needed.Code);
        return needed;
    }

    public static Task<HttpResponseMessage> BringsCodeAsync(this Person person, string ticket, string code, string method = "totp") =>
        person.Client.PostAsJsonAsync("/v1/accounts/sign-in/second-factor", new SecondFactorRequest(ticket, method, code));

    public static async Task<(SoftAuthenticator Authenticator, PasskeyResponse Passkey)> HasPasskeyAsync(this Person person, ChatSphereApp app, string name = "Laptop")
    {
        var authenticator = new SoftAuthenticator(await app.OriginAsync());
        var passkey = await (await person.AddsPasskeyAsync(authenticator, name)).ReadAsync<PasskeyResponse>();
        return (authenticator, passkey);
    }

    public static async Task<HttpResponseMessage> AddsPasskeyAsync(this Person person, SoftAuthenticator authenticator, string name = "Laptop")
    {
        var options = await (await person.PostAsync("/v1/accounts/me/passkeys/options")).ReadAsync<PasskeyOptionsResponse>();
        return await person.PostAsync("/v1/accounts/me/passkeys", new AddPasskeyRequest(options.Ticket, authenticator.Create(options.Options), name));
    }

    public static async Task<PasskeyOptionsResponse> PasskeyOptionsAsync(this HttpClient client, string? secondFactorTicket = null) =>
        await (await client.PostAsJsonAsync("/v1/accounts/passkeys/options", new PasskeyOptionsRequest(secondFactorTicket))).ReadAsync<PasskeyOptionsResponse>();

    public static async Task<HttpResponseMessage> SignsInWithPasskeyAsync(this HttpClient client, SoftAuthenticator authenticator, string? secondFactorTicket = null, bool tampered = false)
    {
        var options = await client.PasskeyOptionsAsync(secondFactorTicket);
        return await client.PostAsJsonAsync("/v1/accounts/sign-in/passkey", new PasskeySignInRequest(options.Ticket, authenticator.Get(options.Options, tampered), secondFactorTicket));
    }

    /// <summary>Where people find the pages: what passkeys are bound to.</summary>
    public static async Task<string> OriginAsync(this ChatSphereApp app) => (await app.AddressOfAsync("web")).GetLeftPart(UriPartial.Authority);

    /// <summary>For what only time or a person behind the scenes can do.</summary>
    public static async Task<object?> BehindTheScenesAsync(this ChatSphereApp app, string sql, params (string Name, object Value)[] parameters)
    {
        await using var source = NpgsqlDataSource.Create((await (await app.App).GetConnectionStringAsync("chatsphere"))!);
        await using var command = source.CreateCommand(sql);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return await command.ExecuteScalarAsync();
    }

    /// <summary>The person has not proved for an hour who they are.</summary>
    public static Task HourGoesByAsync(this ChatSphereApp app, Person person) => app.BehindTheScenesAsync(
        "update accounts.sessions set authenticated_at = authenticated_at - interval '1 hour' where account_id = @id", ("id", person.Account.Id));

    /// <summary>A role of the person's own that requires a second factor.</summary>
    public static Task HasCarefulRoleAsync(this ChatSphereApp app, Person person)
    {
        var role = Guid.NewGuid();
        return app.BehindTheScenesAsync(
            """
            insert into accounts.roles (id, name, normalized_name, description, permissions, requires_mfa, is_built_in) values (@role, @name, @name, '', '{bots.read}', true, false);
            insert into accounts.account_roles (user_id, role_id) values (@id, @role);
            """, ("role", role), ("name", $"CAREFUL {role:n}"), ("id", person.Account.Id));
    }

    public static async Task<long> AuditedAsync(this ChatSphereApp app, string action, Guid target) =>
        (long)(await app.BehindTheScenesAsync("select count(*) from audit.events where action = @action and target_id = @target", ("action", action), ("target", target)))!;
}
