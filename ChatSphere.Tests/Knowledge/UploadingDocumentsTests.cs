using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Knowledge;

/// <summary>Files on their way from a caller to a bot's knowledge, through every process.</summary>
public sealed class UploadingDocumentsTests(ChatSphereApp app)
{
    private const string Html = "<!doctype html><html><head><title>Ferry</title><script>alert(1)</script></head><body><nav>Home About</nav><h1>Timetable</h1><p>The evening ferry to Skagen leaves at a quarter past nine.</p></body></html>";

    [Theory]
    [InlineData("ferry.txt", "text/plain")]
    [InlineData("ferry.md", "text/markdown")]
    [InlineData("ferry.html", "text/html")]
    [InlineData("misnamed.pdf", "text/html")]
    public async Task A_file_is_judged_by_its_content_read_and_found(string name, string contentType)
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var text = contentType switch
        {
            "text/html" => Html,
            "text/markdown" => "# Timetable\n\n- one\n- two\n\nThe evening ferry to **Skagen** leaves at a quarter past nine.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
            _ => "The evening ferry to Skagen leaves at a quarter past nine.",
        };
        var document = await ann.HasDocumentAsync(bot.Id, name, text);
        Assert.Equal((contentType, 1d, (int?)null), (document.ContentType, document.Progress, document.Pages));
        var found = await (await ann.PostAsync($"/v1/bots/{bot.Id}/search", new SearchRequest("When does the evening ferry leave?"))).ReadAsync<SearchResponse>();
        Assert.Contains("quarter past nine", found.Passages[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(1)", found.Passages[0].Text, StringComparison.Ordinal);
        var content = await ann.GetAsync<DocumentContentResponse>($"/v1/documents/{document.Id}/content");
        var all = string.Concat(content.Pages.Select(p => p.Text));
        Assert.Equal(found.Passages[0].Text, all[found.Passages[0].Start..found.Passages[0].End]);
    }

    [Fact]
    public async Task The_same_bytes_twice_are_the_same_document()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var bytes = "Twice is once."u8.ToArray();
        var uploads = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i => await (await ann.UploadAsync(bot.Id, ($"copy{i}.txt", bytes))).ReadAsync<UploadDocumentsResponse>()));
        Assert.Single(uploads.Select(u => u.Documents[0].Id).Distinct());
        Assert.Single(uploads, u => !u.Documents[0].AlreadyThere);
        Assert.Single((await ann.GetAsync<Page<DocumentResponse>>($"/v1/bots/{bot.Id}/documents")).Items);
    }

    [Fact]
    public async Task Many_files_in_one_request_are_all_read_and_walked_by_cursor()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var files = Enumerable.Range(0, 25).Select(i => ($"f{i}.txt", Encoding.UTF8.GetBytes($"File number {i} tells of harbour {i * 13}."))).ToArray();
        var uploaded = await (await ann.UploadAsync(bot.Id, files)).ReadAsync<UploadDocumentsResponse>();
        Assert.Equal(25, uploaded.Documents.Count);
        foreach (var document in uploaded.Documents)
        {
            Assert.Equal(DocumentStatus.Ready, (await ann.SettledAsync(document.Id)).Status);
        }

        var first = await ann.GetAsync<Page<DocumentResponse>>($"/v1/bots/{bot.Id}/documents?limit=20");
        var second = await ann.GetAsync<Page<DocumentResponse>>($"/v1/bots/{bot.Id}/documents?limit=20&cursor={first.Next}");
        Assert.Equal((20, 5, null), (first.Items.Count, second.Items.Count, second.Next));
        Assert.Equal(25, (await ann.GetAsync<Contracts.Bots.BotResponse>($"/v1/bots/{bot.Id}")).Documents);
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Users\\ann\\notes.txt", "notes.txt")]
    [InlineData("a\u202Etxt.exe", "atxt.exe")]
    [InlineData("..", "document")]
    [InlineData("Zu\u0308rich \U0001F6A2.txt", "Zürich \U0001F6A2.txt")]
    public async Task A_name_is_shown_without_its_tricks(string name, string shown)
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();

        // Written by hand: the client library would refuse, or encode, what an attacker would not.
        var body = $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name.Replace("\\", "\\\\", StringComparison.Ordinal)}\"\r\n\r\nHello {Guid.NewGuid()}\r\n--b--\r\n";
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        var uploaded = await (await ann.PostAsync($"/v1/bots/{bot.Id}/documents", content)).ReadAsync<UploadDocumentsResponse>();
        Assert.Equal(shown, uploaded.Documents[0].Name);
    }

    [Fact]
    public async Task What_cannot_be_read_fails_with_a_reason_and_can_be_deleted()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        (string Name, byte[] Bytes, string Code)[] bad =
        [
            ("empty.txt", [], "document_empty"),
            ("blank.txt", "  \n\n "u8.ToArray(), "document_without_text"),
            ("photo.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0, 0, 0, 0], "document_type_unsupported"),
            ("cut.pdf", "%PDF-1.7\n1 0 obj\n<< /Type /Catalog"u8.ToArray(), "document_damaged"),
        ];
        var uploaded = await (await ann.UploadAsync(bot.Id, [.. bad.Select(b => (b.Name, b.Bytes))])).ReadAsync<UploadDocumentsResponse>();
        foreach (var (document, expected) in uploaded.Documents.Zip(bad))
        {
            var settled = await ann.SettledAsync(document.Id);
            Assert.Equal(DocumentStatus.Failed, settled.Status);
            Assert.True(expected.Code == settled.FailureCode || (expected.Code == "document_without_text" && settled.FailureCode == "document_empty"), $"{expected.Name}: {settled.FailureCode}");
            Assert.EndsWith(".", settled.Reason, StringComparison.Ordinal);
            Assert.Equal(DocumentStatus.Queued, (await (await ann.PostAsync($"/v1/documents/{document.Id}/retry")).ReadAsync<DocumentResponse>()).Status);
            await ann.SettledAsync(document.Id);
            Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/documents/{document.Id}")).StatusCode);
        }

        Assert.Empty((await ann.GetAsync<Page<DocumentResponse>>($"/v1/bots/{bot.Id}/documents")).Items);
    }

    [Fact]
    public async Task A_deleted_document_is_found_no_more_and_its_bytes_can_come_again()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        const string Text = "The password of the boathouse is written under the blue oar.";
        var document = await ann.HasDocumentAsync(bot.Id, "boat.txt", Text);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/documents/{document.Id}")).StatusCode);
        var found = await (await ann.PostAsync($"/v1/bots/{bot.Id}/search", new SearchRequest("blue oar"))).ReadAsync<SearchResponse>();
        Assert.Empty(found.Passages);
        await ann.GetAsync($"/v1/documents/{document.Id}/content").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.NotEqual(document.Id, (await ann.HasDocumentAsync(bot.Id, "boat.txt", Text)).Id);
    }

    [Fact]
    public async Task Reading_is_cancelled_and_taken_up_again()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var text = string.Join("\n\n", Enumerable.Range(0, 30_000).Select(i => $"Entry {i} of the log tells of wind force {i % 12} and of sail number {i}."));
        var uploaded = await (await ann.UploadAsync(bot.Id, ("log.txt", Encoding.UTF8.GetBytes(text)))).ReadAsync<UploadDocumentsResponse>();
        var id = uploaded.Documents[0].Id;
        var cancelled = await (await ann.PostAsync($"/v1/documents/{id}/cancel")).ReadAsync<DocumentResponse>();
        Assert.Equal(DocumentStatus.Cancelled, cancelled.Status);
        await ann.PostAsync($"/v1/documents/{id}/cancel").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.DocumentStateConflict);
        Assert.Equal(DocumentStatus.Queued, (await (await ann.PostAsync($"/v1/documents/{id}/retry")).ReadAsync<DocumentResponse>()).Status);
        Assert.Equal(DocumentStatus.Ready, (await ann.SettledAsync(id)).Status);
        await ann.PostAsync($"/v1/documents/{id}/retry").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.DocumentStateConflict);
        var found = await (await ann.PostAsync($"/v1/bots/{bot.Id}/search", new SearchRequest("sail number 29999", 50))).ReadAsync<SearchResponse>();
        Assert.Contains(found.Passages, p => p.Text.Contains("sail number 29999", StringComparison.Ordinal));
        Assert.Equal(found.Passages.Count, found.Passages.Select(p => p.Start).Distinct().Count());
    }

    [Fact]
    public async Task Too_large_a_file_is_refused_and_those_before_it_are_kept()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.UploadAsync(bot.Id, ("good.txt", "I am kept."u8.ToArray()), ("huge.txt", new byte[20_000_001])).RefusedAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.RequestTooLarge);
        var kept = Assert.Single((await ann.GetAsync<Page<DocumentResponse>>($"/v1/bots/{bot.Id}/documents")).Items);
        Assert.Equal("good.txt", kept.Name);
    }

    [Fact]
    public async Task An_upload_that_ends_half_way_leaves_nothing_but_what_had_arrived_whole()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var address = await app.AddressOfAsync("api");
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(address.Host, address.Port);
            var start = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"whole.txt\"\r\n\r\nWhole.\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"half.txt\"\r\n\r\nHal";
            var head = $"POST /v1/bots/{bot.Id}/documents HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer {ann.Tokens.AccessToken}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {(start.Length + 5_000).ToString(CultureInfo.InvariantCulture)}\r\n\r\n";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + start));
            await Person.EventuallyAsync(() => ann.GetAsync<Page<DocumentResponse>>($"/v1/bots/{bot.Id}/documents"), p => p.Items.Count == 1, seconds: 20);
        }

        var truncated = new ByteArrayContent("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"half.txt\"\r\n\r\nHal"u8.ToArray());
        truncated.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        await ann.PostAsync($"/v1/bots/{bot.Id}/documents", truncated).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.UploadIncomplete);
        Assert.Equal("whole.txt", Assert.Single((await ann.GetAsync<Page<DocumentResponse>>($"/v1/bots/{bot.Id}/documents")).Items).Name);
    }

    [Fact]
    public async Task What_is_no_upload_is_refused()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.PostAsync($"/v1/bots/{bot.Id}/documents", new StringContent("x")).RefusedAsync(HttpStatusCode.UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported);
        await ann.PostAsync($"/v1/bots/{bot.Id}/documents", new MultipartFormDataContent { { new StringContent("x"), "other" } }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("a & ! | <-> (")]
    [InlineData("\\")]
    [InlineData("the of and")]
    [InlineData("日本語の質問")]
    [InlineData("\U0001F6A2\U0001F6A2")]
    [InlineData("%_%")]
    public async Task No_query_is_an_error(string query)
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await (await ann.PostAsync($"/v1/bots/{bot.Id}/search", new SearchRequest(query))).ReadAsync<SearchResponse>();
        await ann.PostAsync($"/v1/bots/{bot.Id}/search", new SearchRequest(query, Top: 0)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.PostAsync($"/v1/bots/{bot.Id}/search", new SearchRequest("a\0b")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }
}
