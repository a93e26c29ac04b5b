namespace ChatSphere.Web.Components.Layout;

/// <summary>One entry of a side navigation.</summary>
/// <param name="Permission">Shown to whom it is permitted; null: to everybody.</param>
public sealed record SectionLink(string Address, string Text, string? Permission = null);
