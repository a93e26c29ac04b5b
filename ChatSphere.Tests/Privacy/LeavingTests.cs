using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Privacy;

/// <summary>The grace period of the system under test is nothing, so only a hold keeps an erasure waiting.</summary>
public sealed class LeavingTests(ChatSphereApp app)
{
    [Fact]
    public async Task Who_leaves_is_out_at_once_and_gone_soon_after()
    {
        var ann = await app.SomebodyAsync("Ann who leaves");
        var bot = await ann.HasBotAsync();
        await ann.HasDocumentAsync(bot.Id, "diary.txt", "Nobody shall read this.");
        await ann.PostAsync("/v1/accounts/me/erasure", new RequestErasureRequest("somebody@else.example")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var accepted = await ann.PostAsync("/v1/accounts/me/erasure", new RequestErasureRequest(ann.Account.Email.ToUpperInvariant()));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);

        await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(ann.Account.Email, Person.Password), TestContext.Current.CancellationToken).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);
        await Person.EventuallyAsync(async () => (await ann.GetAsync("/v1/bots")).StatusCode, s => s == HttpStatusCode.Unauthorized);
        var administrator = await app.AdministratorAsync();
        var erasure = await OfAsync(administrator, ann, e => e.Status == ErasureStatus.Done);
        Assert.Contains("knowledge", erasure.DoneSections);

        // The address is free: nothing remembers it.
        var again = await ann.Client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(ann.Account.Email, Person.Password, "Another"), TestContext.Current.CancellationToken);
        Assert.NotEqual(ann.Account.Id, (await again.ReadAsync<AccountResponse>()).Id);
    }

    [Fact]
    public async Task Asked_for_twice_at_once_it_is_done_once()
    {
        var ann = await app.SomebodyAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ann.PostAsync("/v1/accounts/me/erasure", new RequestErasureRequest(ann.Account.Email))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Accepted);
        Assert.All(answers, a => Assert.Contains(a.StatusCode, new[] { HttpStatusCode.Accepted, HttpStatusCode.Conflict, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden }));
        await OfAsync(await app.AdministratorAsync(), ann, e => e.Status == ErasureStatus.Done);
    }

    [Fact]
    public async Task Under_a_hold_it_waits_and_can_be_cancelled_and_nothing_of_theirs_can_be_deleted()
    {
        var ann = await app.SomebodyAsync();
        var administrator = await app.AdministratorAsync();
        var bot = await ann.HasBotAsync();
        var document = await ann.HasDocumentAsync(bot.Id, "note.txt", "Evidence.");
        var conversation = await ann.TalksWithAsync(bot.Id);
        var hold = await (await administrator.PostAsync("/v1/privacy/holds", new PlaceHoldRequest(ann.Account.Id, "Matter 47"))).ReadAsync<LegalHoldResponse>();
        await ann.SendAsync(HttpMethod.Delete, $"/v1/conversations/{conversation.Id}").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LegalHold);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/documents/{document.Id}").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LegalHold);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LegalHold);
        await administrator.PostAsync($"/v1/users/{ann.Account.Id}/erasure", new ActForPersonRequest("asked by phone")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LegalHold);

        // The person's own request is taken, and waits.
        Assert.Equal(HttpStatusCode.Accepted, (await ann.PostAsync("/v1/accounts/me/erasure", new RequestErasureRequest(ann.Account.Email))).StatusCode);
        var waiting = await OfAsync(administrator, ann, e => e.OnHold);
        Assert.Equal(ErasureStatus.Waiting, waiting.Status);
        await administrator.PostAsync($"/v1/users/{ann.Account.Id}/erasure", new ActForPersonRequest("asked by phone")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LegalHold);
        (await administrator.PostAsync($"/v1/privacy/erasures/{waiting.Id}/cancel")).EnsureSuccessStatusCode();
        await administrator.PostAsync($"/v1/privacy/erasures/{waiting.Id}/cancel").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.ErasureNotCancellable);
        (await administrator.SendAsync(HttpMethod.Delete, $"/v1/privacy/holds/{hold.Id}")).EnsureSuccessStatusCode();
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/privacy/holds/{hold.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        var tokens = await (await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(ann.Account.Email, Person.Password), TestContext.Current.CancellationToken)).ReadAsync<TokenResponse>();
        var back = new Person(ann.Client, ann.Account, tokens);
        Assert.Equal("note.txt", (await back.GetAsync<Contracts.Knowledge.DocumentResponse>($"/v1/documents/{document.Id}")).Name);
        (await back.SendAsync(HttpMethod.Delete, $"/v1/conversations/{conversation.Id}")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task The_link_in_the_mail_keeps_the_account_and_does_so_once()
    {
        var ann = await app.SomebodyAsync("Ann who stays");
        var administrator = await app.AdministratorAsync();
        var bot = await ann.HasBotAsync();

        // Without grace nothing but a hold keeps it waiting.
        var hold = await (await administrator.PostAsync("/v1/privacy/holds", new PlaceHoldRequest(ann.Account.Id, "Matter 48"))).ReadAsync<LegalHoldResponse>();
        Assert.Equal(HttpStatusCode.Accepted, (await ann.PostAsync("/v1/accounts/me/erasure", new RequestErasureRequest(ann.Account.Email))).StatusCode);
        var mail = await app.MailAsync("erasure_requested", ann.Account.Email);
        Assert.Contains("/cancel-erasure?token=", mail.Text, StringComparison.Ordinal);
        await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(ann.Account.Email, Person.Password), TestContext.Current.CancellationToken).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);

        using var anonymous = await app.AnonymousAsync();
        var clicks = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => anonymous.PostAsJsonAsync("/v1/accounts/erasure/cancel", new CancelErasureRequest(mail.Token), TestContext.Current.CancellationToken)));
        Assert.Single(clicks, c => c.StatusCode == HttpStatusCode.NoContent);
        await anonymous.PostAsJsonAsync("/v1/accounts/erasure/cancel", new CancelErasureRequest(mail.Token), TestContext.Current.CancellationToken).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
        await app.MailAsync("erasure_cancelled", ann.Account.Email);

        // Called off for good: lifting the hold does not bring it back.
        (await administrator.SendAsync(HttpMethod.Delete, $"/v1/privacy/holds/{hold.Id}")).EnsureSuccessStatusCode();
        await ann.SignInAgainAsync();
        Assert.Equal(bot.Id, (await ann.GetAsync<Page<Contracts.Bots.BotResponse>>("/v1/bots")).Items.Single().Id);
        Assert.Equal(ErasureStatus.Cancelled, (await OfAsync(administrator, ann, _ => true)).Status);
    }

    [Fact]
    public async Task An_administrator_erases_somebody_and_others_may_not()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var administrator = await app.AdministratorAsync();
        await eve.PostAsync($"/v1/users/{ann.Account.Id}/erasure", new ActForPersonRequest("spite")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await eve.GetAsync("/v1/privacy/erasures").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await administrator.PostAsync($"/v1/users/{ann.Account.Id}/erasure", new ActForPersonRequest("x")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var accepted = await (await administrator.PostAsync($"/v1/users/{ann.Account.Id}/erasure", new ActForPersonRequest("asked by letter"))).ReadAsync<ErasureResponse>();
        Assert.Equal(("asked by letter", administrator.Account.Id), (accepted.Reason, accepted.RequestedBy));
        await OfAsync(administrator, ann, e => e.Status == ErasureStatus.Done);
        await administrator.PostAsync($"/v1/users/{ann.Account.Id}/erasure", new ActForPersonRequest("once more")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.ErasureInProgress);
        await administrator.PostAsync("/v1/privacy/holds", new PlaceHoldRequest(ann.Account.Id, "too late")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_made_up_link_cancels_nothing(string token)
    {
        using var client = await app.AnonymousAsync();
        await client.PostAsJsonAsync("/v1/accounts/erasure/cancel", new CancelErasureRequest(token), TestContext.Current.CancellationToken).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
    }

    private static async Task<ErasureResponse> OfAsync(Person administrator, Person person, Func<ErasureResponse, bool> isSo) =>
        (await Person.EventuallyAsync(() => administrator.GetAsync<Page<ErasureResponse>>("/v1/privacy/erasures?limit=200"), p => p.Items.Any(e => e.AccountId == person.Account.Id && isSo(e))))
        .Items.First(e => e.AccountId == person.Account.Id);
}
