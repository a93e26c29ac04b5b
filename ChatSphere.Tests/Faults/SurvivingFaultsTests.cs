using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Faults;

/// <summary>A system of its own, to be broken, so that no other test notices.</summary>
public sealed class BreakableApp : ChatSphereApp
{
    protected override IEnumerable<(string Resource, string Variable, string Value)> Settings => base.Settings.Concat([("api", "Turns__Lease", "00:00:06"), ("api", "RateLimits__SignIn", "20"), ("worker", "Imports__Lease", "00:00:05")]);

    public async Task StopAsync(string resource) => Assert.True((await (await App).ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand)).Success);

    public async Task StartAsync(string resource)
    {
        var app = await App;
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand)).Success);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await app.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
    }

    /// <summary>SIGKILL to the first process that the resource runs as: no goodbye, no flush.</summary>
    public async Task KillAsync(string resource)
    {
        using var process = Process.GetProcessById(await ProcessOfAsync(resource));
        process.Kill();
    }

    /// <summary>The first process that the resource runs as.</summary>
    public async Task<int> ProcessOfAsync(string resource)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var e in (await App).ResourceNotifications.WatchAsync(limit.Token))
        {
            if (e.Resource.Name == resource && e.Snapshot.State?.Text == KnownResourceStates.Running && e.Snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value is { } pid)
            {
                return Convert.ToInt32(pid, CultureInfo.InvariantCulture);
            }
        }

        throw new InvalidOperationException($"{resource} does not run.");
    }

    public async Task<(HttpStatusCode Status, string Body)> HealthAsync(string resource)
    {
        using var client = new HttpClient { BaseAddress = (await App).GetEndpoint(resource), Timeout = TimeSpan.FromSeconds(15) };
        using var response = await client.GetAsync("/health");
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}

/// <summary>Each stops or kills a part while work is under way, and then asks for all that was accepted.</summary>
public sealed class SurvivingFaultsTests(BreakableApp app) : IClassFixture<BreakableApp>
{
    private static byte[] LongText(int paragraphs) => Encoding.UTF8.GetBytes(string.Join("\n\n", Enumerable.Range(0, paragraphs).Select(i =>
        $"Paragraph {i} is about the lighthouse number {i * 7}. Its keeper wrote that the lamp burned for {i % 24} hours and that the sea was calm on day {i}.")));

    [Fact]
    public async Task A_worker_killed_in_mid_ingestion_loses_and_doubles_nothing()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var uploaded = await (await ann.UploadAsync(bot.Id, ("long.txt", LongText(20_000)), ("short.txt", "A short one about the lantern room."u8.ToArray()))).ReadAsync<UploadDocumentsResponse>();
        await Person.EventuallyAsync(() => ann.GetAsync<DocumentResponse>($"/v1/documents/{uploaded.Documents[0].Id}"), d => d.Status is DocumentStatus.Embedding or DocumentStatus.Chunking or DocumentStatus.Extracting);
        await app.KillAsync("worker");

        foreach (var document in uploaded.Documents)
        {
            Assert.Equal(DocumentStatus.Ready, (await ann.SettledAsync(document.Id)).Status);
        }

        var long_ = await ann.GetAsync<DocumentResponse>($"/v1/documents/{uploaded.Documents[0].Id}");
        var found = await (await ann.PostAsync($"/v1/bots/{bot.Id}/search", new SearchRequest("lighthouse number 139993", 20))).ReadAsync<SearchResponse>();
        Assert.Contains(found.Passages, p => p.Text.Contains("139993", StringComparison.Ordinal));
        Assert.Equal(found.Passages.Count, found.Passages.Select(p => (p.DocumentId, p.Start)).Distinct().Count());
        Assert.True(long_.Chunks > 100);
    }

    [Fact]
    public async Task A_worker_killed_in_mid_import_begins_again_and_brings_nothing_in_twice()
    {
        const int talks = 3_000;
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var export = JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, talks).Select(i => new
        {
            uuid = $"{bot.Id:n}-{i}",
            name = $"Talk {i}",
            chat_messages = new[] { new { uuid = "m1", sender = "human", text = $"What is {i} times two?" }, new { uuid = "m2", sender = "assistant", text = $"{i * 2}." } },
        }));
        var queued = await (await ann.PostAsync($"/v1/imports?botId={bot.Id}", new MultipartFormDataContent { { new ByteArrayContent(export), "file", "export.json" } })).ReadAsync<ImportResponse>();
        await Person.EventuallyAsync(() => ann.GetAsync<ImportResponse>($"/v1/imports/{queued.Id}"), i => i.Imported > 0);
        await app.KillAsync("worker");

        await using var database = await app.DatabaseAsync();
        var killed = (long)(await database.AskAsync("select count(*) from conversations.conversations where owner_id = $1", ann.Account.Id))!;
        Assert.InRange(killed, 1, talks - 1);
        var done = await Person.EventuallyAsync(() => ann.GetAsync<ImportResponse>($"/v1/imports/{queued.Id}"), i => i.Status is ImportStatus.Done or ImportStatus.Failed, seconds: 90);
        Assert.Equal((ImportStatus.Done, talks, 0), (done.Status, done.Imported + done.AlreadyThere, done.Skipped));
        Assert.True(done.AlreadyThere >= killed, $"{killed} were in when it was killed, {done.AlreadyThere} were found there.");
        Assert.Equal((long)talks, await database.AskAsync("select count(distinct source_id) from conversations.conversations where owner_id = $1", ann.Account.Id));
        Assert.Equal((long)talks, await database.AskAsync("select count(*) from conversations.conversations where owner_id = $1", ann.Account.Id));
        Assert.Equal(2L * talks, await database.AskAsync("select count(*) from conversations.messages m join conversations.conversations c on c.id = m.conversation_id where c.owner_id = $1", ann.Account.Id));
    }

    [Fact]
    public async Task With_RabbitMQ_away_uploads_are_accepted_and_read_when_it_is_back()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await app.StopAsync("rabbitmq");
        var uploaded = await (await ann.UploadAsync(bot.Id, ("note.txt", "The ferry leaves at dawn."u8.ToArray()))).ReadAsync<UploadDocumentsResponse>();
        var health = await Person.EventuallyAsync(() => app.HealthAsync("worker"), h => h.Status == HttpStatusCode.ServiceUnavailable, seconds: 30);
        Assert.Equal("Unhealthy", (string?)JsonNode.Parse(health.Body)!["checks"]!["rabbitmq"]);
        Assert.Equal(HttpStatusCode.OK, (await app.HealthAsync("api")).Status);
        await app.StartAsync("rabbitmq");
        Assert.Equal(DocumentStatus.Ready, (await ann.SettledAsync(uploaded.Documents[0].Id)).Status);
        await Person.EventuallyAsync(() => app.HealthAsync("worker"), h => h.Status == HttpStatusCode.OK, seconds: 30);
    }

    [Fact]
    public async Task With_Redis_away_questions_are_answered_and_when_it_is_back_streams_cross_nodes_again()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-ttft20-itl5-len60");
        var conversation = await ann.TalksWithAsync(bot.Id);
        await app.StopAsync("redis");
        var degraded = await Person.EventuallyAsync(() => app.HealthAsync("api"), h => h.Body.Contains("Degraded", StringComparison.Ordinal), seconds: 30);
        Assert.Equal(HttpStatusCode.OK, degraded.Status);
        var without = await ann.AnswerAsync(conversation.Id, "Without Redis?");
        Assert.Equal(TurnEventNames.Done, without[^1].Name);
        Assert.Equal(without.Text(), without.Message().Text);

        await app.StartAsync("redis");
        await Person.EventuallyAsync(() => app.HealthAsync("api"), h => h.Body.Contains("\"redis\":\"Healthy\"", StringComparison.Ordinal), seconds: 60);
        var turn = await ann.AskAsync(conversation.Id, "And with it?");
        var readers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ann.EventsAsync(turn.Id)));
        Assert.All(readers, r => Assert.Equal(r.Text(), r.Message().Text));
        Assert.Equal(4, (await ann.MessagesAsync(conversation.Id)).Count);
    }

    [Fact]
    public async Task With_Redis_away_whoever_lost_access_is_out_on_every_node()
    {
        var administrator = await app.AdministratorAsync();
        var (ann, bob) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var annsKey = await ann.HasKeyAsync(Permissions.ConversationsRead);
        var bobsKey = await bob.HasKeyAsync(Permissions.ConversationsRead);
        await app.StopAsync("redis");
        try
        {
            await Person.EventuallyAsync(() => app.HealthAsync("api"), h => h.Body.Contains("Degraded", StringComparison.Ordinal), seconds: 30);
            Person[] losing = [ann, annsKey, bob, bobsKey];

            // Connections go to the nodes in turn: each of them is seen, and remembered, on both.
            foreach (var person in losing)
            {
                for (var i = 0; i < 4; i++)
                {
                    Assert.Equal(HttpStatusCode.OK, (await person.GetAsync("/v1/conversations")).StatusCode);
                }
            }

            var streams = await Task.WhenAll(losing.SelectMany(p => Enumerable.Range(0, 2).Select(_ => OpenStream.OpenAsync(p, HttpMethod.Get, "/v1/events"))));
            var again = new Person(ann.Client, ann.Account, ann.Tokens);
            await again.SignInAgainAsync();
            Assert.DoesNotContain(streams, s => s.HasEnded);
            Assert.Equal(HttpStatusCode.NoContent, (await again.SendAsync(HttpMethod.Delete, "/v1/accounts/me/sessions")).StatusCode);
            var keyId = (await again.GetAsync<List<ApiKeyResponse>>("/v1/accounts/me/api-keys")).Single().Id;
            (await again.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/api-keys/{keyId}")).EnsureSuccessStatusCode();
            (await administrator.PostAsync($"/v1/users/{bob.Account.Id}/disable", new DisableUserRequest("Left the company"))).EnsureSuccessStatusCode();

            await Task.WhenAll(streams.Select(s => s.EndedAsync(TimeSpan.FromSeconds(25))));
            foreach (var person in losing)
            {
                var refusals = 0;
                await Person.EventuallyAsync(async () => refusals = (await person.GetAsync("/v1/conversations")).StatusCode == HttpStatusCode.Unauthorized ? refusals + 1 : 0, n => n >= 6, seconds: 20);
            }

            await ann.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(ann.Tokens.RefreshToken)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.RefreshTokenInvalid);
            Assert.Equal(HttpStatusCode.OK, (await again.GetAsync("/v1/conversations")).StatusCode);
        }
        finally
        {
            await app.StartAsync("redis");
        }

        await Person.EventuallyAsync(() => app.HealthAsync("api"), h => h.Body.Contains("\"redis\":\"Healthy\"", StringComparison.Ordinal), seconds: 60);
    }

    [Fact]
    public async Task With_Postgres_away_it_says_so_and_an_answer_under_way_is_kept_when_it_is_back()
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-ttft20-itl20-len120")).Id);
        var turn = await ann.AskAsync(conversation.Id, "Tell me a story");
        var started = new TaskCompletionSource();
        var reading = ReadAsync();
        await started.Task;
        await app.StopAsync("postgres");
        await Person.EventuallyAsync(() => app.HealthAsync("api"), h => h.Status == HttpStatusCode.ServiceUnavailable, seconds: 30);
        var refused = await ann.GetAsync("/v1/bots");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        await ann.GetAsync("/v1/bots").RefusedAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.DependencyUnavailable);

        await app.StartAsync("postgres");
        await Person.EventuallyAsync(() => app.HealthAsync("api"), h => h.Status == HttpStatusCode.OK, seconds: 60);
        var events = await reading;
        Assert.Equal(TurnEventNames.Done, events[^1].Name);
        var kept = await ann.MessagesAsync(conversation.Id);
        Assert.Equal(MessageStatus.Complete, kept[1].Status);
        Assert.Equal(events.Text(), kept[1].Text);
        Assert.Equal(DocumentStatus.Ready, (await ann.HasDocumentAsync((await ann.HasBotAsync()).Id, "after.txt", "Life goes on after the database came back.")).Status);

        async Task<IReadOnlyList<StreamEvent>> ReadAsync()
        {
            var read = new List<StreamEvent>();
            await foreach (var e in ann.StreamAsync($"/v1/turns/{turn.Id}/events"))
            {
                read.Add(e);
                if (e.Name == TurnEventNames.Delta)
                {
                    started.TrySetResult();
                }
            }

            return read;
        }
    }

    [Fact]
    public async Task A_killed_Api_node_leaves_what_it_had_written_and_the_conversation_goes_on()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-ttft20-itl100-len600");
        var conversations = new List<(Guid Conversation, Guid Turn)>();

        // Connections go to the nodes in turn; an odd request now and then makes both nodes write some answers. One node dies.
        for (var i = 0; i < 6; i++)
        {
            if (i % 2 == 1)
            {
                await ann.GetAsync("/v1/bots");
            }

            var conversation = await ann.TalksWithAsync(bot.Id);
            conversations.Add((conversation.Id, (await ann.AskAsync(conversation.Id, "Tell me a long story")).Id));
        }

        foreach (var (_, turn) in conversations)
        {
            await foreach (var e in ann.StreamAsync($"/v1/turns/{turn}/events"))
            {
                if (e.Name == TurnEventNames.Delta)
                {
                    break;
                }
            }
        }

        await app.KillAsync("api");
        var interrupted = await Person.EventuallyAsync(
            async () =>
            {
                var answers = new List<MessageResponse>();
                foreach (var (conversation, _) in conversations)
                {
                    // A connection to the dying node may break; the next goes to a living one.
                    answers.Add((await RetriedAsync(() => ann.MessagesAsync(conversation)))[1]);
                }

                return answers;
            },
            answers => answers.Exists(a => a.Status == MessageStatus.Interrupted) && answers.Count(a => a.Status == MessageStatus.Generating) is > 0 and < 6);

        Assert.All(interrupted.Where(m => m.Status == MessageStatus.Interrupted), m =>
        {
            Assert.NotEmpty(m.Text);
            Assert.Equal("interrupted", m.FailureCode);
        });

        // A reader who comes back is told the end, and the same conversation answers the next question.
        var dead = interrupted.First(m => m.Status == MessageStatus.Interrupted);
        var events = await RetriedAsync(() => ann.EventsAsync(dead.TurnId, after: 2));
        Assert.Equal(TurnEventNames.Failed, events[^1].Name);
        Assert.Equal(dead.Text, events[^1].As<FailedEvent>().Message.Text);
        var next = await RetriedAsync(() => ann.AskAsync(dead.ConversationId, "Go on", "key-1"));
        await RetriedAsync(() => ann.PostAsync($"/v1/turns/{next.Id}/stop"));
        foreach (var (_, turn) in conversations)
        {
            await RetriedAsync(() => ann.PostAsync($"/v1/turns/{turn}/stop"));
        }
    }

    [Fact]
    public async Task Attempts_are_limited_by_the_address_that_a_trusted_front_end_names()
    {
        var client = await app.AnonymousAsync();
        var address = $"203.0.113.{Random.Shared.Next(1, 250)}";
        var statuses = new List<HttpStatusCode>();

        // More than two windows hold, should one end meanwhile.
        while (statuses.Count < 45 && !statuses.Contains(HttpStatusCode.TooManyRequests))
        {
            statuses.Add(await TryAsync(address));
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("198.51.100.7"));

        async Task<HttpStatusCode> TryAsync(string from)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/accounts/sign-in") { Content = JsonContent.Create(new SignInRequest($"{Guid.NewGuid():n}@example.com", "guess number one")) };
            request.Headers.Add("X-Forwarded-For", from);
            using var response = await client.SendAsync(request);
            Assert.Equal(response.StatusCode == HttpStatusCode.TooManyRequests, response.Headers.RetryAfter is not null);
            return response.StatusCode;
        }
    }

    private static async Task<T> RetriedAsync<T>(Func<Task<T>> act)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await act();
            }
            catch (Exception e) when (tries < 20 && e is HttpRequestException or IOException)
            {
                await Task.Delay(250);
            }
        }
    }
}
