using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

public sealed class SigningInTests(ChatSphereApp app)
{
    [Fact]
    public async Task An_unknown_address_and_a_wrong_password_are_told_the_same()
    {
        var ann = await app.SomebodyAsync();
        var unknown = await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest("nobody@example.com", Person.Password)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);
        var wrong = await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(ann.Account.Email, "not my password 1")).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);
        Assert.Equal(unknown with { TraceId = null }, wrong with { TraceId = null });
    }

    [Fact]
    public async Task A_refresh_token_works_once_and_its_copy_ends_the_session()
    {
        var ann = await app.SomebodyAsync();
        var stolen = ann.Tokens.RefreshToken;
        await ann.RefreshAsync();
        await ann.RefreshAsync();
        Assert.Equal(ann.Account.Id, (await ann.GetAsync<AccountResponse>("/v1/accounts/me")).Id);

        // The grace of these tests is a second; past it a second use is theft.
        await Person.EventuallyAsync(
            async () => (await ann.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(stolen))).StatusCode, s => s == HttpStatusCode.Unauthorized);
        await ann.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(ann.Tokens.RefreshToken)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.RefreshTokenInvalid);
        await Person.EventuallyAsync(async () => (await ann.GetAsync("/v1/accounts/me")).StatusCode, s => s == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Parallel_refreshes_of_one_client_get_the_same_successor()
    {
        var ann = await app.SomebodyAsync();
        var successors = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
            await (await ann.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(ann.Tokens.RefreshToken))).ReadAsync<TokenResponse>()));
        Assert.Single(successors.Select(s => s.RefreshToken).Distinct());
        await (await ann.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(successors[0].RefreshToken))).ReadAsync<TokenResponse>();
    }

    [Fact]
    public async Task After_signing_out_the_token_opens_nothing_on_any_node()
    {
        var ann = await app.SomebodyAsync();
        for (var i = 0; i < 4; i++)
        {
            await ann.GetAsync<AccountResponse>("/v1/accounts/me");
        }

        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/accounts/sign-out", new RefreshRequest(ann.Tokens.RefreshToken))).StatusCode);
        var refusals = 0;
        await Person.EventuallyAsync(
            async () => refusals = (await ann.GetAsync("/v1/accounts/me")).StatusCode == HttpStatusCode.Unauthorized ? refusals + 1 : 0, n => n >= 6, seconds: 10);
        await ann.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(ann.Tokens.RefreshToken)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.RefreshTokenInvalid);
    }

    [Theory]
    [InlineData("not-a-token")]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_made_up_refresh_token_is_refused(string token)
    {
        var client = await app.AnonymousAsync();
        var response = await client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(token));
        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.BadRequest });
    }
}
