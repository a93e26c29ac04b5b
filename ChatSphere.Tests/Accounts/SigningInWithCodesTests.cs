using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

public sealed class SigningInWithCodesTests(ChatSphereApp app)
{
    [Fact]
    public async Task An_app_counts_once_a_code_has_confirmed_it_and_is_asked_for_from_then_on()
    {
        var ann = await app.SomebodyAsync();
        var setup = await (await ann.PostAsync("/v1/accounts/me/totp")).ReadAsync<TotpSetupResponse>();
        Assert.StartsWith("otpauth://totp/ChatSphere:", setup.Uri, StringComparison.Ordinal);
        Assert.Contains($"secret={setup.Secret}", setup.Uri, StringComparison.Ordinal);
        Assert.Equal(32, setup.Secret.Length);
        Assert.False((await ann.GetAsync<FactorsResponse>("/v1/accounts/me/factors")).Totp);
        var phone = new PhoneApp(setup.Secret);
        await ann.PostAsync("/v1/accounts/me/totp/confirm", new ConfirmTotpRequest(phone.Wrong())).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.TotpCodeInvalid);

        var codes = await (await ann.PostAsync("/v1/accounts/me/totp/confirm", new ConfirmTotpRequest(phone.Next()))).ReadAsync<RecoveryCodesResponse>();

        Assert.Equal(10, codes.RecoveryCodes.Distinct().Count());
        var factors = await ann.GetAsync<FactorsResponse>("/v1/accounts/me/factors");
        Assert.True(factors is { Totp: true, RecoveryCodesLeft: 10, HasPassword: true, Required: false });
        var needed = await ann.GivesPasswordAsync();
        Assert.Equal(["totp", "recovery_code"], needed.Methods);
        var tokens = await (await ann.BringsCodeAsync(needed.Ticket, phone.Next())).ReadAsync<TokenResponse>();
        Assert.Equal(HttpStatusCode.OK, (await ann.Client.SendAsync(new(HttpMethod.Get, "/v1/accounts/me") { Headers = { Authorization = new("Bearer", tokens.AccessToken) } })).StatusCode);

        // Spent with that sign-in; and a ticket opens nothing else.
        await ann.BringsCodeAsync(needed.Ticket, phone.Next()).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        await ann.Client.SendAsync(new(HttpMethod.Get, "/v1/accounts/me") { Headers = { Authorization = new("Bearer", needed.Ticket) } }).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.TokenInvalid);
        Assert.Equal(1, await app.AuditedAsync("factors.totp_enabled", ann.Account.Id));
    }

    [Fact]
    public async Task No_code_works_twice_and_none_of_another_time_works_at_all()
    {
        var ann = await app.SomebodyAsync();
        var (phone, _) = await ann.HasAppAsync();
        var code = phone.Next();
        await (await ann.BringsCodeAsync((await ann.GivesPasswordAsync()).Ticket, code)).ReadAsync<TokenResponse>();

        var ticket = (await ann.GivesPasswordAsync()).Ticket;
        foreach (var stale in new[] { code, phone.Code(-5), phone.Code(5) })
        {
            await ann.BringsCodeAsync(ticket, stale).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        }

        await (await ann.BringsCodeAsync(ticket, phone.Next())).ReadAsync<TokenResponse>();
    }

    [Fact]
    public async Task Of_many_who_bring_the_same_code_at_once_one_gets_in()
    {
        var ann = await app.SomebodyAsync();
        var (phone, _) = await ann.HasAppAsync();
        var tickets = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            tickets.Add((await ann.GivesPasswordAsync()).Ticket);
        }

        var code = phone.Next();
        var answers = await Task.WhenAll(tickets.Select(t => ann.BringsCodeAsync(t, code)));

        Assert.Single(answers, a => a.IsSuccessStatusCode);
        Assert.All(answers.Where(a => !a.IsSuccessStatusCode), a => Assert.True(a.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Guessing_gets_nowhere_and_does_not_lock_the_owner_out()
    {
        var ann = await app.SomebodyAsync();
        var (phone, recoveryCodes) = await ann.HasAppAsync();
        var ticket = (await ann.GivesPasswordAsync()).Ticket;
        var wrong = phone.Wrong();
        for (var i = 0; i < 5; i++)
        {
            await ann.BringsCodeAsync(ticket, wrong).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        }

        // The ticket is gone, and a new one does not buy new tries: not even the right code is looked at now.
        await ann.BringsCodeAsync(ticket, phone.Next()).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        var next = (await ann.GivesPasswordAsync()).Ticket;
        using var blocked = await ann.BringsCodeAsync(next, phone.Next());
        Assert.Equal(HttpStatusCode.TooManyRequests, blocked.StatusCode);
        Assert.InRange(blocked.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(5, await app.AuditedAsync("factors.second_factor_failed", ann.Account.Id));

        await (await ann.BringsCodeAsync(next, recoveryCodes[3], "recovery_code")).ReadAsync<TokenResponse>();
    }

    [Fact]
    public async Task A_hundred_guesses_at_once_are_five()
    {
        var ann = await app.SomebodyAsync();
        var (phone, _) = await ann.HasAppAsync();
        var ticket = (await ann.GivesPasswordAsync()).Ticket;
        var wrong = phone.Wrong();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ann.BringsCodeAsync(ticket, wrong)));

        Assert.Equal(5, Convert.ToInt32(await app.BehindTheScenesAsync("select failures from accounts.authenticator_apps where account_id = @id", ("id", ann.Account.Id)), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_recovery_code_works_once_whoever_brings_it_and_new_ones_replace_the_old()
    {
        var ann = await app.SomebodyAsync();
        var (_, codes) = await ann.HasAppAsync();
        var tickets = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            tickets.Add((await ann.GivesPasswordAsync()).Ticket);
        }

        var answers = await Task.WhenAll(tickets.Select(t => ann.BringsCodeAsync(t, codes[0].Replace("-", "", StringComparison.Ordinal).ToUpperInvariant(), "recovery_code")));
        Assert.Single(answers, a => a.IsSuccessStatusCode);
        Assert.Equal(9, (await ann.GetAsync<FactorsResponse>("/v1/accounts/me/factors")).RecoveryCodesLeft);

        var anew = await (await ann.PostAsync("/v1/accounts/me/recovery-codes")).ReadAsync<RecoveryCodesResponse>();
        Assert.Empty(anew.RecoveryCodes.Intersect(codes));
        var ticket = (await ann.GivesPasswordAsync()).Ticket;
        await ann.BringsCodeAsync(ticket, codes[1], "recovery_code").RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        await (await ann.BringsCodeAsync(ticket, anew.RecoveryCodes[9], "recovery_code")).ReadAsync<TokenResponse>();
    }

    [Fact]
    public async Task Without_the_app_the_password_is_enough_again()
    {
        var ann = await app.SomebodyAsync();
        await ann.PostAsync("/v1/accounts/me/recovery-codes").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.FactorMissing);
        await ann.HasAppAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/totp")).StatusCode);
        Assert.True(await ann.GetAsync<FactorsResponse>("/v1/accounts/me/factors") is { Totp: false, RecoveryCodesLeft: 0 });
        await (await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(ann.Account.Email, Person.Password))).ReadAsync<TokenResponse>();
    }

    [Fact]
    public async Task Someone_disabled_between_the_steps_does_not_get_in()
    {
        var ann = await app.SomebodyAsync();
        var (phone, codes) = await ann.HasAppAsync();
        var ticket = (await ann.GivesPasswordAsync()).Ticket;
        await app.BehindTheScenesAsync("update accounts.accounts set disabled_at = now() where id = @id", ("id", ann.Account.Id));
        await ann.BringsCodeAsync(ticket, phone.Next()).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        await ann.BringsCodeAsync(ticket, codes[0], "recovery_code").RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
    }

    [Fact]
    public async Task Where_a_role_requires_a_second_factor_a_passkey_is_asked_for_after_the_password()
    {
        var ann = await app.SomebodyAsync();
        var (authenticator, _) = await ann.HasPasskeyAsync(app);
        await app.HasCarefulRoleAsync(ann);
        var needed = await ann.GivesPasswordAsync();
        Assert.Equal(["passkey"], needed.Methods);
        await ann.BringsCodeAsync(needed.Ticket, "000000").RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        await (await ann.Client.SignsInWithPasskeyAsync(authenticator, needed.Ticket)).ReadAsync<TokenResponse>();
    }

    [Fact]
    public async Task A_role_may_require_a_second_factor_and_then_the_last_one_stays()
    {
        var ann = await app.SomebodyAsync();
        await app.HasCarefulRoleAsync(ann);
        await Person.EventuallyAsync(async () => (await ann.GetAsync("/v1/bots")).StatusCode, s => s == HttpStatusCode.Forbidden);
        await ann.GetAsync("/v1/bots").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.SecondFactorRequired);

        await ann.HasAppAsync();

        await Person.EventuallyAsync(async () => (await ann.GetAsync("/v1/bots")).StatusCode, s => s == HttpStatusCode.OK);
        Assert.True((await ann.GetAsync<FactorsResponse>("/v1/accounts/me/factors")).Required);
        await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/totp").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.FactorRequired);

        // Two factors, both taken away at the same moment: one stays.
        var (_, passkey) = await ann.HasPasskeyAsync(app);
        var removals = await Task.WhenAll(ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/totp"), ann.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/passkeys/{passkey.Id}"));
        Assert.Single(removals, r => r.StatusCode == HttpStatusCode.NoContent);
        Assert.Single(removals, r => r.StatusCode == HttpStatusCode.Conflict);
    }
}
