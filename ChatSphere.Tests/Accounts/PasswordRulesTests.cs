using System.Net;
using System.Net.Http.Json;
using System.Text;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;
using Microsoft.AspNetCore.Identity;

namespace ChatSphere.Tests.Accounts;

/// <summary>ASVS 5.0, 6.2: length counts, composition does not, and nothing that everybody uses.</summary>
public sealed class PasswordRulesTests(ChatSphereApp app)
{
    [Theory]
    [InlineData("        ")]
    [InlineData("password1234")]
    [InlineData("P@ssw0rd2024!")]
    [InlineData("password123456789")]
    [InlineData("Iloveyou2025!!")]
    [InlineData("Summer2024!!!!")]
    [InlineData("dragondragon")]
    [InlineData("monkey-monkey-monkey")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("qwertyuiop12")]
    [InlineData("111122223333")]
    [InlineData("correct horse battery staple")]
    [InlineData("!!!football!!!2026")]
    [InlineData("thisismypassword")]
    public async Task What_everybody_uses_is_refused(string password)
    {
        var client = await app.AnonymousAsync();
        var problem = await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(NewEmail(), password, "N")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Contains("password", problem.Errors!.Keys);
    }

    [Theory]
    [InlineData("zeldovich prunes quietly")]
    [InlineData("🦊🐙🦉🐝🐢🦄🐳🦔🦜🐌🦋🐿")]
    [InlineData("   a b c with spaces around   ")]
    [InlineData("0123456789abcdef-marrow-0123456789abcdef-thimble-0123456789abcdef-quince-0123456789abcdef-lantern-xx")]
    public async Task What_is_long_and_ones_own_is_taken_as_it_is(string password)
    {
        var client = await app.AnonymousAsync();
        var email = NewEmail();
        await (await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, password, "N"))).ReadAsync<AccountResponse>();
        await (await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, password))).ReadAsync<TokenResponse>();

        // Nothing is cut off, trimmed or folded.
        foreach (var near in (string[])[password[..^1], password + " ", " " + password, password.ToUpperInvariant() + "\u200b"])
        {
            await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, near)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);
        }
    }

    [Fact]
    public async Task The_same_keys_composed_and_decomposed_are_one_password()
    {
        var client = await app.AnonymousAsync();
        var (email, password) = (NewEmail(), "Käsefüße im Märzwald");
        await (await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, password.Normalize(NormalizationForm.FormD), "N"))).ReadAsync<AccountResponse>();
        await (await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, password.Normalize(NormalizationForm.FormC)))).ReadAsync<TokenResponse>();
        await (await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, password.Normalize(NormalizationForm.FormD)))).ReadAsync<TokenResponse>();
    }

    [Fact]
    public async Task What_is_too_long_is_refused_before_it_is_hashed()
    {
        var ann = await app.SomebodyAsync();
        foreach (var path in (string[])["register", "sign-in"])
        {
            await ann.Client.PostAsJsonAsync($"/v1/accounts/{path}", new { email = ann.Account.Email, password = new string('x', 129), displayName = "N" }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
            await ann.Client.PostAsJsonAsync($"/v1/accounts/{path}", new { email = ann.Account.Email, password = new string('x', 1_000_000), displayName = "N" }).RefusedAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.RequestTooLarge);
        }
    }

    [Fact]
    public async Task A_hash_of_fewer_rounds_is_made_anew_at_sign_in()
    {
        var ann = await app.SomebodyAsync();
        var weak = new PasswordHasher<object>(Microsoft.Extensions.Options.Options.Create(new PasswordHasherOptions { IterationCount = 1000 })).HashPassword(ann, Person.Password);
        await using var database = await app.DatabaseAsync();
        await database.ExecuteAsync("update accounts.accounts set password_hash = $1 where id = $2", weak, ann.Account.Id);
        await ann.SignInAgainAsync();
        var now = Convert.FromBase64String((string)(await database.AskAsync("select password_hash from accounts.accounts where id = $1", ann.Account.Id))!);
        Assert.Equal(1, now[0]);
        Assert.True(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(now.AsSpan(5)) >= 100_000);
        await ann.SignInAgainAsync();
    }

    private static string NewEmail() => $"{Guid.NewGuid():n}@example.com";
}
