using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Knowledge;

namespace ChatSphere.Tests.Encryption;

public sealed class KeepingContentSealedTests(EncryptedApp app)
{
    [Fact]
    public async Task With_content_sealed_all_works_and_nothing_that_was_written_is_found_in_the_database_or_on_disk()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var document = await ann.HasDocumentAsync(bot.Id, "report.md", "# Wombatsonata\n\nThe platypuswaltz begins at eleven minutes past seven, when the narwhalpolka is over.\n");
        var pdf = await ann.HasDocumentAsync(bot.Id, "ledger.pdf", PdfFile.Write([["The ibexbolero costs forty-two crowns and a rope.", "It is paid at the gate of the harbour."]]));
        var conversation = await ann.TalksWithAsync(bot.Id);
        var answer = (await ann.AnswerAsync(conversation.Id, "When does the platypuswaltz begin, dear axolotlrumba?")).Message();
        Assert.Equal(MessageStatus.Complete, answer.Status);
        Assert.Contains("eleven minutes past seven", answer.Text, StringComparison.Ordinal);
        Assert.Contains(answer.Citations, c => c.DocumentId == document.Id && c.Quote.Contains("platypuswaltz", StringComparison.Ordinal));

        // Read back on any node: history, title, the document's text, the search.
        Assert.Equal("When does the platypuswaltz begin, dear axolotlrumba?", (await ann.MessagesAsync(conversation.Id))[0].Text);
        Assert.StartsWith("When does the platypuswaltz", (await ann.GetAsync<ConversationResponse>($"/v1/conversations/{conversation.Id}")).Title, StringComparison.Ordinal);
        using var renamed = await ann.SendAsync(HttpMethod.Patch, $"/v1/conversations/{conversation.Id}", new UpdateConversationRequest("About the gibbontwist"));
        Assert.Equal("About the gibbontwist", (await renamed.ReadAsync<ConversationResponse>()).Title);
        Assert.Contains("narwhalpolka", string.Concat((await ann.GetAsync<DocumentContentResponse>($"/v1/documents/{document.Id}/content")).Pages.Select(p => p.Text)), StringComparison.Ordinal);
        var found = await (await ann.PostAsync($"/v1/bots/{bot.Id}/search", new SearchRequest("what does the ibexbolero cost"))).ReadAsync<SearchResponse>();
        Assert.Equal(pdf.Id, found.Passages[0].DocumentId);
        Assert.Contains("forty-two crowns", found.Passages[0].Text, StringComparison.Ordinal);

        await using var database = await app.DatabaseAsync();
        foreach (var word in (string[])["wombatsonata", "platypuswaltz", "narwhalpolka", "axolotlrumba", "ibexbolero", "gibbontwist"])
        {
            Assert.Equal((word, ""), (word, string.Join(", ", await StoredText.TablesWithAsync(database, word))));
            Assert.Equal((word, ""), (word, string.Join(", ", StoredText.FilesWith(app.Storage, word))));

            // Stemmed words would be found by their beginnings.
            Assert.Empty(await StoredText.TablesWithAsync(database, word[..^1]));
        }

        Assert.NotEmpty(Directory.EnumerateFiles(app.Storage, "*.sealed", SearchOption.AllDirectories));
        Assert.Empty(StoredText.FilesWith(app.Storage, "%PDF-"));
        Assert.NotEmpty(await StoredText.TablesWithAsync(database, ann.Account.Email));
    }
}
