using ChatSphere.AI;
using ChatSphere.AI.Knowledge;
using Microsoft.Extensions.Configuration;

namespace ChatSphere.Tests.Knowledge;

public sealed class NamingAnEndpointTests
{
    [Fact]
    public void Endpoint_key_and_models_are_read()
    {
        var connection = OpenAiConnection.From(With("openai", "Endpoint=http://localhost:9999/v1;Key=sk-a=b==;Model=chat;EmbeddingModel=embed"))!;

        Assert.Equal((new Uri("http://localhost:9999/v1"), "sk-a=b==", "chat", "embed"), (connection.Endpoint, connection.Key, connection.Model, connection.EmbeddingModel));
        Assert.Null(OpenAiConnection.From(new ConfigurationBuilder().Build()));
        Assert.Equal("https://api.openai.com/v1", OpenAiConnection.From(With("openai", "Key=sk-x"))!.Endpoint.ToString());
    }

    [Theory]
    [InlineData("sk-secret")]
    [InlineData("Endpoint=nowhere;Key=sk-secret")]
    [InlineData("Endpoint=ftp://host;Key=sk-secret")]
    [InlineData("Endpoint=http://host;Schluessel=sk-secret")]
    [InlineData("Endpoint=\"http://host;Key=sk-secret")]
    public void Malformed_connection_string_is_named_and_not_repeated(string text)
    {
        var error = Assert.Throws<InvalidOperationException>(() => OpenAiConnection.From(With("openai", text)));

        Assert.Contains("ConnectionStrings:openai", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Connection_written_to_a_log_keeps_its_key()
    {
        Assert.DoesNotContain("secret", OpenAiConnection.From(With("openai", "Key=sk-secret"))!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", QdrantConnection.From(With("qdrant_http", "Endpoint=http://localhost:6333;Key=secret"))!.ToString(), StringComparison.Ordinal);
    }

    private static IConfiguration With(string name, string value) => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [$"ConnectionStrings:{name}"] = value }).Build();
}
