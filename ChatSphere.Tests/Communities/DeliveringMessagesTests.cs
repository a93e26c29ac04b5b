using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.Testing;
using ChatSphere.Contracts.Live;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using ChatSphere.Tests.Infrastructure;
using StackExchange.Redis;

namespace ChatSphere.Tests.Communities;

/// <summary>What reaches connections when something on the way goes wrong.</summary>
public sealed class DeliveringMessagesTests(ChatSphereApp app)
{
    [Fact]
    public async Task What_was_stored_and_never_told_arrives_all_the_same()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var channel = server.General();
        using var end = new CancellationTokenSource();
        var his = new LiveListening(ben, end.Token);
        await his.Connected;

        // As when the Api dies after the commit: first in a channel of which no node has heard yet, then in one that was told of.
        for (var i = 1; i <= 3; i += 2)
        {
            await StoreSilentlyAsync(channel, server.Server.Id, ann.Account.Id, $"Silent {i}");
            await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Message.Content == $"Silent {i}");
            await ann.WritesAsync(channel, $"Loud {i + 1}");
            await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Change == i + 1);
        }

        Assert.Equal([1L, 2, 3, 4], Told(his).Select(e => e.Change).Distinct());
        await end.CancelAsync();
    }

    [Fact]
    public async Task What_comes_out_of_order_is_told_in_order()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var channel = server.General();
        using var end = new CancellationTokenSource();
        var his = new LiveListening(ben, end.Token);
        await his.Connected;
        var message = await ann.WritesAsync(channel, "First");
        await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage);
        using var redis = await RedisAsync();
        foreach (var change in new[] { 4, 2, 3, 2 })
        {
            await PublishAsync(redis, new CommunityEvent
            {
                Type = LiveEventTypes.ChannelMessage,
                ServerId = server.Server.Id,
                ChannelId = channel,
                RightsChannelId = channel,
                Change = change,
                Data = JsonSerializer.Serialize(message with { Change = change, Content = $"Change {change}" }, JsonSerializerOptions.Web),
            });
        }

        await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Change == 4);
        Assert.Equal([(1L, 0L), (2, 1), (3, 2), (4, 3)], Told(his).Select(e => (e.Change, e.After)));
        await end.CancelAsync();
    }

    [Fact]
    public async Task A_right_that_is_taken_away_ends_delivery_within_a_second()
    {
        var (ann, ben, cas) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben, cas);
        var channel = server.General();
        using var end = new CancellationTokenSource();

        // Connections go round the nodes: both have one of his.
        var his = new[] { new LiveListening(ben, end.Token), new LiveListening(ben, end.Token), new LiveListening(ben, end.Token) };
        var others = new LiveListening(cas, end.Token);
        await Task.WhenAll(his.Append(others).Select(l => l.Connected));
        await ann.WritesAsync(channel, "Before");
        foreach (var connection in his)
        {
            await connection.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage);
        }

        // Behind the back of every node.
        await app.DeniesAsync(channel, ben.Account.Id, OverwriteTarget.Member, ServerPermissions.ViewChannel);
        var revoked = TimeProvider.System.GetTimestamp();
        var late = new List<Guid>();
        while (TimeProvider.System.GetElapsedTime(revoked) < TimeSpan.FromSeconds(2.5))
        {
            var isLate = TimeProvider.System.GetElapsedTime(revoked) > TimeSpan.FromSeconds(1);
            var message = await ann.WritesAsync(channel, "After");
            if (isLate)
            {
                late.Add(message.Id);
            }
        }

        await others.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Message.Id == late[^1]);
        foreach (var connection in his)
        {
            await connection.UntilAsync(e => e.Name == LiveEventTypes.ServerChanged);
            Assert.Empty(Told(connection).Select(e => e.Message.Id).Intersect(late));
        }

        await end.CancelAsync();
    }

    [Fact]
    public async Task Who_does_not_read_holds_up_nobody_and_is_told_to_ask_again()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        using var end = new CancellationTokenSource();
        var hers = new LiveListening(ann, end.Token);
        await hers.Connected;
        using var stalled = await ben.SendAsync(HttpMethod.Get, "/v1/events", completion: HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await stalled.Content.ReadAsStreamAsync();
        using var redis = await RedisAsync();
        var padding = new string('x', 16_000);
        for (var batch = 0; batch < 20; batch++)
        {
            for (var i = 0; i < 100; i++)
            {
                await PublishAsync(redis, new CommunityEvent { Type = LiveEventTypes.ServerChanged, ServerId = server.Server.Id, Data = $$"""{"serverId":"{{server.Server.Id}}","n":{{(batch * 100) + i}},"padding":"{{padding}}"}""" });
            }

            await hers.UntilAsync(e => e.Data.Contains($"\"n\":{(batch * 100) + 99},", StringComparison.Ordinal));
        }

        Assert.DoesNotContain(hers.Seen, e => e.Name == LiveEventTypes.Resync);

        // All of it, or the word that something is missing, or no connection any more: never less without a word.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await foreach (var e in Person.ReadAsync(stream, limit.Token))
            {
                if (e.Name == LiveEventTypes.Resync || e.Data.Contains("\"n\":1999,", StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
        }

        Assert.False(limit.IsCancellationRequested);
        await end.CancelAsync();
    }

    [Fact]
    public async Task What_is_only_for_lookers_comes_to_those_who_look()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var channel = server.General();
        using var end = new CancellationTokenSource();
        var (hers, his) = (new LiveListening(ann, end.Token), new LiveListening(ben, end.Token));
        await Task.WhenAll(hers.Connected, his.Connected);
        var connection = his.Seen[0].As<ReadyEvent>().ConnectionId!.Value;

        // Somebody else's connection takes no notice.
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/live/looking", new LookingRequest(connection, [channel]))).StatusCode);
        using var redis = await RedisAsync();
        await OnlyLookingAsync("for nobody");
        await ann.WritesAsync(channel, "First");
        await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage);
        Assert.Equal(HttpStatusCode.NoContent, (await ben.PostAsync("/v1/live/looking", new LookingRequest(connection, [channel]))).StatusCode);
        await Person.EventuallyAsync(
            async () =>
            {
                await OnlyLookingAsync("for him");
                return his.Seen;
            },
            seen => seen.Any(e => e.Data.Contains("for him", StringComparison.Ordinal)));
        await ann.WritesAsync(channel, "Last");
        await hers.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Message.Content == "Last");
        Assert.DoesNotContain(hers.Seen, e => e.Name == LiveEventTypes.EmojiChanged);
        Assert.DoesNotContain(his.Seen, e => e.Data.Contains("for nobody", StringComparison.Ordinal));
        await end.CancelAsync();

        Task OnlyLookingAsync(string what) => PublishAsync(
            redis, new CommunityEvent { Type = LiveEventTypes.EmojiChanged, ServerId = server.Server.Id, ChannelId = channel, RightsChannelId = channel, OnlyLooking = true, Data = $$"""{"serverId":"{{server.Server.Id}}","what":"{{what}}"}""" });
    }

    [Fact]
    public async Task A_frame_that_is_too_large_ends_its_connection_and_no_other()
    {
        var ann = await app.SomebodyAsync();
        var channel = (await ann.HasServerAsync()).General();
        using var end = new CancellationTokenSource();
        var hers = new LiveListening(ann, end.Token);
        await hers.Connected;
        var hub = new UriBuilder(new Uri(await app.AddressOfAsync("api"), "/hubs/live")) { Scheme = "ws" }.Uri;
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {ann.Tokens.AccessToken}");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await socket.ConnectAsync(hub, limit.Token);
        await socket.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, limit.Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes($"{{\"type\":1,\"target\":\"LookAt\",\"arguments\":[\"{new string('x', 100_000)}\"]}}\u001e"), WebSocketMessageType.Text, true, limit.Token);
        var buffer = new byte[4_096];
        try
        {
            while ((await socket.ReceiveAsync(buffer, limit.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Cut off without a goodbye.
        }

        Assert.False(limit.IsCancellationRequested);
        await ann.WritesAsync(channel, "Still here");
        await hers.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage);
        await end.CancelAsync();
    }

    private static IEnumerable<ChannelMessageEvent> Told(LiveListening listening) => listening.Seen.Where(e => e.Name == LiveEventTypes.ChannelMessage).Select(e => e.As<ChannelMessageEvent>());

    private async Task<ConnectionMultiplexer> RedisAsync() => await ConnectionMultiplexer.ConnectAsync((await (await app.App).GetConnectionStringAsync("redis"))!);

    private static async Task PublishAsync(ConnectionMultiplexer redis, CommunityEvent happened) =>
        await redis.GetSubscriber().PublishAsync(new RedisChannel("chatsphere:community", RedisChannel.PatternMode.Literal), JsonSerializer.Serialize(happened, JsonSerializerOptions.Web));

    private async Task StoreSilentlyAsync(Guid channel, Guid server, Guid author, string content)
    {
        await using var database = await app.DatabaseAsync();
        var id = Guid.CreateVersion7();
        await database.ExecuteAsync(
            """
            with counter as (
                update communities.channel_counters set last_seq = last_seq + 1, last_change = last_change + 1, last_message_at = now() where channel_id = $1 returning last_seq, last_change
            ), message as (
                insert into communities.messages (id, channel_id, server_id, seq, change, kind, author_kind, author_id, content, mentioned_accounts, mentioned_roles, mentions_everyone, created_at)
                select $2, $1, $3, last_seq, last_change, 'Text', 'Person', $4, $5, '{}', '{}', false, now() from counter returning seq
            )
            insert into messaging.outbox (id, type, ordering_key, payload, occurred_at) select $6, 'communities.message-posted.v1', $7, $8, now() from message
            """,
            channel, id, server, author, content, Guid.CreateVersion7(), channel.ToString(), JsonSerializer.Serialize(new { messageId = id, channelId = channel, serverId = server }));
    }
}
