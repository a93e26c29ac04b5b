namespace ChatSphere.Contracts;

/// <summary>One page of a list, newest or best first as the route says.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Opaque; pass it back as <c>cursor</c> for the page that follows. Null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
