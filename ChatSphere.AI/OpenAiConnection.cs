using System.Data.Common;
using Microsoft.Extensions.Configuration;

namespace ChatSphere.AI;

/// <summary>An OpenAI-compatible endpoint, as <c>ConnectionStrings:openai</c> names it: <c>Endpoint=https://…/v1;Key=…;Model=…;EmbeddingModel=…</c>.</summary>
/// <param name="Endpoint">With the version segment, for example <c>https://api.openai.com/v1</c>, which is also the default.</param>
/// <param name="Key">Empty for endpoints that ask for none.</param>
/// <param name="Model">Null: no chat model is offered.</param>
/// <param name="EmbeddingModel">Null: embeddings are made locally.</param>
public sealed record OpenAiConnection(Uri Endpoint, string Key, string? Model, string? EmbeddingModel)
{
    public const string ConnectionName = "openai";

    private static readonly Uri Default = new("https://api.openai.com/v1");

    /// <summary>Null when there is no such connection string.</summary>
    /// <exception cref="InvalidOperationException">It cannot be understood. The message names what to set and never repeats the value, which holds a secret.</exception>
    public static OpenAiConnection? From(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString(ConnectionName);
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var values = new DbConnectionStringBuilder();
        try
        {
            values.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            // Not passed on: the parser's message repeats parts of the value.
            throw Malformed("is not of the form Endpoint=…;Key=…;Model=…;EmbeddingModel=…");
        }

        foreach (string key in values.Keys)
        {
            if (key.ToLowerInvariant() is not ("endpoint" or "key" or "model" or "embeddingmodel"))
            {
                throw Malformed("has a part that is none of Endpoint, Key, Model, EmbeddingModel");
            }
        }

        var endpoint = Default;
        if (Value(values, "Endpoint") is { } address && (!Uri.TryCreate(address, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https")))
        {
            throw Malformed("has an Endpoint that is not an http or https address");
        }

        return new OpenAiConnection(endpoint, Value(values, "Key") ?? "", Value(values, "Model"), Value(values, "EmbeddingModel"));
    }

    /// <summary>Without the key, because records end up in logs.</summary>
    public override string ToString() => $"{Endpoint} ({Model ?? "no chat model"}, {EmbeddingModel ?? "local embeddings"})";

    private static string? Value(DbConnectionStringBuilder values, string key) =>
        values.TryGetValue(key, out var value) && value is string { Length: > 0 } text ? text : null;

    private static InvalidOperationException Malformed(string what) => new($"ConnectionStrings:{ConnectionName} {what}.");
}
