using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Models;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Knowledge;

namespace ChatSphere.Tests.Models;

/// <summary>Over HTTP, on the system that all tests share: nothing here gets as far as being searched. What happens then is in <see cref="IntroducingEmbeddingModelsTests"/>.</summary>
public sealed class ChoosingEmbeddingsTests(ChatSphereApp app)
{
    private const string Key = "sk-embeddings-1234567890";

    [Fact]
    public async Task Choice_is_tried_carried_out_shown_and_cancelled()
    {
        var administrator = await app.AiAdministratorAsync();
        var bot = await administrator.HasBotAsync();
        await administrator.HasDocumentAsync(bot.Id, "tides.txt", "Spring tides follow the full moon by about two days.");

        // Takes the trial, and then nothing.
        await using var provider = await FakeEmbeddings.StartAsync();
        provider.Before = (context, _, texts) => texts[0].StartsWith("Where do the ships", StringComparison.Ordinal) ? Task.FromResult(false) : FakeEmbeddings.RefuseAsync(context, 429, "60");
        var connection = await (await administrator.PostAsync("/v1/admin/providers", new CreateProviderRequest(ProviderKind.OpenAiCompatible, $"Embeds {Guid.NewGuid():n}", provider.Address, [Key]))).ReadAsync<ProviderResponse>();
        try
        {
            var before = await administrator.GetAsync<EmbeddingsResponse>("/v1/admin/embeddings");
            Assert.Equal((EmbeddingSource.BuiltIn, "local-hash-512-v1", null), (before.Active.Source, before.Active.Model, before.Active.Problem));
            Assert.True(before.Passages > 0 && before.EstimatedTokens > 0);
            Assert.Equal(["embed-32", "embed-64"], before.Connections.Single(c => c.Connection == connection.Id.ToString()).Models.Select(m => m.Model));

            var choice = new ChooseEmbeddingsRequest(EmbeddingSource.Provider, connection.Id.ToString(), "embed-64");
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => administrator.SendAsync(HttpMethod.Put, "/v1/admin/embeddings", choice)));
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
            var shown = await Person.EventuallyAsync(() => administrator.GetAsync<EmbeddingsResponse>("/v1/admin/embeddings"), e => e.Rebuild?.Trouble is not null);
            Assert.Equal((EmbeddingRebuildStatus.Building, "embed-64", 64, connection.Name), (shown.Rebuild!.Status, shown.Rebuild.Model, shown.Rebuild.Dimensions, shown.Rebuild.ConnectionName));
            Assert.Equal("embed-64 answered with status 429.", shown.Rebuild.Trouble);
            Assert.True(shown.Rebuild.PassagesTotal > 0);
            Assert.Equal(EmbeddingSource.BuiltIn, shown.Active.Source);
            await administrator.SendAsync(HttpMethod.Put, "/v1/admin/embeddings", new ChooseEmbeddingsRequest(EmbeddingSource.None)).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.EmbeddingRebuildRunning);
            await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/providers/{connection.Id}").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.ProviderEmbeds);

            // Uploads and searches go on with what is in use.
            await administrator.HasDocumentAsync(bot.Id, "winds.txt", "Trade winds blow from the east.");
        }
        finally
        {
            Assert.Equal(HttpStatusCode.NoContent, (await administrator.SendAsync(HttpMethod.Delete, "/v1/admin/embeddings/rebuild")).StatusCode);
        }

        await administrator.SendAsync(HttpMethod.Delete, "/v1/admin/embeddings/rebuild").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        var after = await administrator.GetAsync<EmbeddingsResponse>("/v1/admin/embeddings");
        Assert.Equal((EmbeddingRebuildStatus.Cancelled, EmbeddingSource.BuiltIn), (after.Rebuild!.Status, after.Active.Source));
        Assert.Equal(HttpStatusCode.NoContent, (await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/providers/{connection.Id}")).StatusCode);
        var log = await (await administrator.GetAsync($"/v1/audit/events?targetId={after.Rebuild.Id}")).Content.ReadAsStringAsync();
        Assert.Contains("models.embeddings_chosen", log, StringComparison.Ordinal);
        Assert.Contains("models.embeddings_cancelled", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_that_does_not_embed_is_said_so_at_its_field_and_nothing_changes()
    {
        var administrator = await app.AiAdministratorAsync();
        await using var provider = await FakeEmbeddings.StartAsync();
        var connection = await (await administrator.PostAsync("/v1/admin/providers", new CreateProviderRequest(ProviderKind.OpenAiCompatible, $"Refuses {Guid.NewGuid():n}", provider.Address, [Key]))).ReadAsync<ProviderResponse>();
        var choice = new ChooseEmbeddingsRequest(EmbeddingSource.Provider, connection.Id.ToString(), "embed-64");
        foreach (var (status, said) in new[] { (401, "key was refused"), (404, "no such embedding model"), (400, "does not embed"), (500, "status 500"), (429, "quota") })
        {
            provider.Before = (context, _, _) => FakeEmbeddings.RefuseAsync(context, status);
            var problem = await administrator.SendAsync(HttpMethod.Put, "/v1/admin/embeddings", choice).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.EmbeddingTestFailed);
            Assert.Contains(said, problem.Errors!["model"].Single(), StringComparison.Ordinal);
            Assert.DoesNotContain("sk-", problem.Errors["model"].Single(), StringComparison.Ordinal);
        }

        await administrator.SendAsync(HttpMethod.Put, "/v1/admin/embeddings", choice with { Model = " " }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.SendAsync(HttpMethod.Put, "/v1/admin/embeddings", choice with { Connection = Guid.NewGuid().ToString() }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.SendAsync(HttpMethod.Put, "/v1/admin/embeddings", choice with { Connection = null }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/providers/{connection.Id}");
        Assert.Equal(EmbeddingSource.BuiltIn, (await administrator.GetAsync<EmbeddingsResponse>("/v1/admin/embeddings")).Active.Source);

        var ann = await app.SomebodyAsync();
        await ann.GetAsync("/v1/admin/embeddings").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await ann.SendAsync(HttpMethod.Put, "/v1/admin/embeddings", choice).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await ann.SendAsync(HttpMethod.Delete, "/v1/admin/embeddings/rebuild").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }
}
