using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>One model on the way to an answer: asked, or passed over.</summary>
/// <param name="Connection">Through which connection it was asked; null when it was passed over.</param>
/// <param name="Outcome"><c>answered</c>, or why not: a stable code.</param>
/// <param name="InputTokens">Of all its calls, those that failed too.</param>
/// <param name="OwnKey">With a key of the asker's own: it cost the deployment nothing.</param>
public sealed record RouteStep(string Model, string? Connection, string Outcome, int Milliseconds, int InputTokens, int OutputTokens, bool OwnKey);

public sealed partial class Message
{
    /// <summary>Which models were asked for this answer, in order, and what became of each; null before it ended and for what people wrote.</summary>
    public IReadOnlyList<RouteStep>? Route { get; set; }

    internal sealed class RouteMapping : IEntityTypeConfiguration<Message>
    {
        public void Configure(EntityTypeBuilder<Message> builder) => builder.Property(m => m.Route).HasColumnType("jsonb").HasConversion(
            route => JsonSerializer.Serialize(route, JsonSerializerOptions.Web),
            json => JsonSerializer.Deserialize<List<RouteStep>>(json, JsonSerializerOptions.Web) ?? new List<RouteStep>(),
            new ValueComparer<IReadOnlyList<RouteStep>>((a, b) => ReferenceEquals(a, b) || (a != null && b != null && a.SequenceEqual(b)), route => route.Count, route => route.ToList()));
    }
}
