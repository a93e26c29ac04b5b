using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Tests.Infrastructure;
using Microsoft.AspNetCore.SignalR.Client;

namespace ChatSphere.Tests.Accounts;

/// <summary>What was open when access was taken away ends by itself, on whichever node it is. The answers being streamed would take a minute.</summary>
public sealed class RevokingAccessTests(ChatSphereApp app)
{
    private const string SlowModel = "mock-ttft20-itl100-len600";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(25);

    [Theory]
    [InlineData("ended")]
    [InlineData("password")]
    [InlineData("disabled")]
    public async Task Every_open_stream_ends_with_the_session(string how)
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync(SlowModel)).Id);
        var turn = await ann.AskAsync(conversation.Id, "Tell me a long story");

        // Connections go to the nodes in turn: where the answer is written, and where it is read from Redis.
        var streams = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenStream.OpenAsync(ann, HttpMethod.Get, $"/v1/turns/{turn.Id}/events")));
        var live = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => OpenStream.OpenAsync(ann, HttpMethod.Get, "/v1/events")));
        await using var hub = await HubClient.ConnectAsync(await app.AddressOfAsync("api"), ann.Tokens.AccessToken);
        var hubEnded = HubEndedAsync(hub);

        await using var database = await app.DatabaseAsync();
        var other = new Person(ann.Client, ann.Account, ann.Tokens);
        await other.SignInAgainAsync();
        switch (how)
        {
            case "ended":
                Assert.Equal(HttpStatusCode.NoContent, (await other.SendAsync(HttpMethod.Delete, "/v1/accounts/me/sessions")).StatusCode);
                break;
            case "password":
                Assert.Equal(HttpStatusCode.NoContent, (await other.PostAsync("/v1/accounts/me/password", new ChangePasswordRequest(Person.Password, "seven blue wheelbarrows 12"))).StatusCode);
                break;
            default:
                await database.ExecuteAsync("update accounts.accounts set disabled_at = now() where id = $1", ann.Account.Id);
                break;
        }

        foreach (var ended in await Task.WhenAll(streams.Select(s => s.EndedAsync(Limit))))
        {
            Assert.DoesNotContain(ended, e => e.Name is TurnEventNames.Done or TurnEventNames.Failed);
        }

        await Task.WhenAll(live.Select(s => s.EndedAsync(Limit)));
        await hubEnded.WaitAsync(Limit);
    }

    [Fact]
    public async Task An_answer_streamed_by_the_request_itself_ends_too()
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync(SlowModel)).Id);
        var stream = await OpenStream.OpenAsync(ann, HttpMethod.Post, $"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("Tell me a long story"));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/accounts/sign-out", new RefreshRequest(ann.Tokens.RefreshToken))).StatusCode);
        Assert.DoesNotContain(await stream.EndedAsync(Limit), e => e.Name is TurnEventNames.Done or TurnEventNames.Failed);
    }

    [Fact]
    public async Task A_key_that_expires_opens_nothing_more_and_its_streams_end()
    {
        var ann = await app.SomebodyAsync();
        await using var database = await app.DatabaseAsync();
        var (id, secret) = (Guid.CreateVersion7(), RandomNumberGenerator.GetBytes(32));
        await database.ExecuteAsync(
            "insert into accounts.api_keys (id, account_id, name, scopes, secret_hash, created_at) values ($1, $2, 'Test', $3, $4, now())", id, ann.Account.Id, new[] { "conversations.read" }, SHA256.HashData(secret));
        var key = new Person(ann.Client, ann.Account, new TokenResponse("csk_" + Base64Url.EncodeToString([.. id.ToByteArray(bigEndian: true), .. secret]), 0, ""));
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/v1/conversations")).StatusCode);
        var live = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => OpenStream.OpenAsync(key, HttpMethod.Get, "/v1/events")));
        await database.ExecuteAsync("update accounts.api_keys set expires_at = now() where id = $1", id);
        await Task.WhenAll(live.Select(s => s.EndedAsync(Limit)));
        var refusals = 0;
        await Person.EventuallyAsync(async () => refusals = (await key.GetAsync("/v1/conversations")).StatusCode == HttpStatusCode.Unauthorized ? refusals + 1 : 0, n => n >= 4, seconds: 20);
    }

    private static async Task HubEndedAsync(HubConnection hub)
    {
        await foreach (var _ in hub.StreamAsync<LiveEvent>("Events"))
        {
        }
    }
}
