using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

public sealed class RegisteringTests(ChatSphereApp app)
{
    [Fact]
    public async Task Somebody_registers_signs_in_and_is_known()
    {
        var ann = await app.SomebodyAsync("Ann");
        var me = await ann.GetAsync<AccountResponse>("/v1/accounts/me");
        Assert.Equal("Ann", me.DisplayName);
        Assert.Equal(ann.Account.Email, me.Email);
    }

    [Fact]
    public async Task An_email_is_taken_whatever_its_case()
    {
        var ann = await app.SomebodyAsync();
        await ann.Client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(ann.Account.Email.ToUpperInvariant(), Person.Password, "Other"))
            .RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.EmailTaken);
    }

    [Fact]
    public async Task Of_many_at_the_same_moment_one_gets_the_email()
    {
        var client = await app.AnonymousAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        var statuses = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
            (await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, Person.Password, "Twin"))).StatusCode));
        Assert.Single(statuses, HttpStatusCode.Created);
        Assert.Equal(11, statuses.Count(s => s == HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData("nobody", Person.Password, "N", "email")]
    [InlineData("a@example.com", "too short", "N", "password")]
    [InlineData("a@example.com", "passwordpassword", "N", "password")]
    [InlineData("a@example.com", "aaaaaaaaaaaaaa", "N", "password")]
    [InlineData("a@example.com", Person.Password, "", "displayName")]
    [InlineData("a@example.com", Person.Password, "\u200b\u200b", "displayName")]
    [InlineData("a@example.com", Person.Password, "a\u0000b", "displayName")]
    public async Task What_breaks_a_rule_is_named(string email, string password, string name, string field)
    {
        var client = await app.AnonymousAsync();
        var problem = await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, password, name)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Contains(field, problem.Errors!.Keys);
    }
}
