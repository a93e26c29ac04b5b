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
        var (hers, others) = (new Listening(ann, end.Token), new Listening(eve, end.Token));
        await Task.WhenAll(hers.Connected, others.Connected);

        var document = await ann.HasDocumentAsync(bot.Id, "note.txt", "Tea is served at four.");
        var conversation = await ann.TalksWithAsync(bot.Id);
        var answer = (await ann.AnswerAsync(conversation.Id, "When is tea?")).Message();

        await hers.UntilAsync(e => e.Name == LiveEventTypes.DocumentChanged && e.As<DocumentResponse>() is { Status: DocumentStatus.Ready } d && d.Id == document.Id);
        await hers.UntilAsync(e => e.Name == LiveEventTypes.MessageChanged && e.As<MessageResponse>() is { Status: MessageStatus.Complete } m && m.Id == answer.Id);
        await hers.UntilAsync(e => e.Name == LiveEventTypes.ConversationChanged && e.As<ConversationResponse>().ActiveTurnId is null);
        Assert.Empty(others.Seen);
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
        var next = stream.MoveNextAsync().AsTask();
        var conversation = await ann.TalksWithAsync(bot.Id);

        // The subscription is made by the server some time after the call was sent, so what happens is repeated until it is seen.
        for (var asked = 0; await Task.WhenAny(next, Task.Delay(2000, end.Token)) != next; asked++)
        {
            await ann.AnswerAsync(conversation.Id, $"Hello {asked}");
        }

        Assert.True(await next);
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
        var listening = new Listening(ann, CancellationToken.None);
        await listening.Connected;
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/accounts/sign-out", new Contracts.Accounts.RefreshRequest(ann.Tokens.RefreshToken))).StatusCode);
        await listening.Ended.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private sealed class Listening
    {
        private readonly List<StreamEvent> _seen = [];
        private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Listening(Person person, CancellationToken cancellationToken) => Ended = ListenAsync(person, cancellationToken);

        public Task Connected => _connected.Task;

        public Task Ended { get; }

        public IReadOnlyList<StreamEvent> Seen
        {
            get
            {
                lock (_seen)
                {
                    return [.. _seen];
                }
            }
        }

        public async Task UntilAsync(Func<StreamEvent, bool> isIt) => await Person.EventuallyAsync(() => Task.FromResult(Seen), s => s.Any(isIt), seconds: 30);

        private async Task ListenAsync(Person person, CancellationToken cancellationToken)
        {
            using var response = await person.SendAsync(HttpMethod.Get, "/v1/events", completion: HttpCompletionOption.ResponseHeadersRead);
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken);

            // The first byte is the comment that says that the subscription stands.
            await stream.ReadExactlyAsync(new byte[1], cancellationToken);
            _connected.TrySetResult();
            try
            {
                await foreach (var e in Person.ReadAsync(stream, cancellationToken))
                {
                    lock (_seen)
                    {
                        _seen.Add(e);
                    }
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
    }
}
