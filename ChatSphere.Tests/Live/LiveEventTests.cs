using System.Net;
using System.Text.Json;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Contracts.Live;
using ChatSphere.Tests.Infrastructure;
using Microsoft.AspNetCore.SignalR.Client;

namespace ChatSphere.Tests.Live;

public sealed class LiveEventTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_documents_progress_and_an_answer_arrive_live_and_only_at_their_owners()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-itl1-len10");
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (hers, others) = (new LiveListening(ann, end.Token), new LiveListening(eve, end.Token));
        await Task.WhenAll(hers.Connected, others.Connected);

        var document = await ann.HasDocumentAsync(bot.Id, "note.txt", "Tea is served at four.");
        var conversation = await ann.TalksWithAsync(bot.Id);
        var answer = (await ann.AnswerAsync(conversation.Id, "When is tea?")).Message();

        await hers.UntilAsync(e => e.Name == LiveEventTypes.DocumentChanged && e.As<DocumentResponse>() is { Status: DocumentStatus.Ready } d && d.Id == document.Id);
        await hers.UntilAsync(e => e.Name == LiveEventTypes.MessageChanged && e.As<MessageResponse>() is { Status: MessageStatus.Complete } m && m.Id == answer.Id);
        await hers.UntilAsync(e => e.Name == LiveEventTypes.ConversationChanged && e.As<ConversationResponse>().ActiveTurnId is null);
        Assert.All(others.Seen, e => Assert.Contains(e.Name, new[] { LiveEventTypes.Ready, LiveEventTypes.PresenceChanged }));
        await end.CancelAsync();
    }

    [Fact]
    public async Task The_hub_streams_the_same_events()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-itl1-len10");
        await using var hub = await HubClient.ConnectAsync(await app.AddressOfAsync("api"), ann.Tokens.AccessToken);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var stream = hub.StreamAsync<LiveEvent>("Events", end.Token).GetAsyncEnumerator(end.Token);
        Assert.True(await stream.MoveNextAsync());
        Assert.Equal(LiveEventTypes.Ready, stream.Current.Type);
        var conversation = await ann.TalksWithAsync(bot.Id);
        await ann.AnswerAsync(conversation.Id, "Hello");
        do
        {
            Assert.True(await stream.MoveNextAsync());
        }
        while (stream.Current.Type == LiveEventTypes.PresenceChanged);

        Assert.Contains(stream.Current.Type, new[] { LiveEventTypes.ConversationChanged, LiveEventTypes.MessageChanged });
        Assert.NotEqual(JsonValueKind.Undefined, stream.Current.Data.ValueKind);
        await end.CancelAsync();
    }

    [Fact]
    public async Task Nobody_joins_the_hub_without_a_token()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await HubClient.ConnectAsync(await app.AddressOfAsync("api"), token: null));
        Assert.Contains("401", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stream_ends_with_its_session()
    {
        var ann = await app.SomebodyAsync();
        var listening = new LiveListening(ann, CancellationToken.None);
        await listening.Connected;
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/accounts/sign-out", new Contracts.Accounts.RefreshRequest(ann.Tokens.RefreshToken))).StatusCode);
        await listening.Ended.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
