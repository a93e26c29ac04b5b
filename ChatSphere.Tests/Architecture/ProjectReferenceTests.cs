using System.Xml.Linq;

namespace ChatSphere.Tests.Architecture;

/// <summary>The reference rules of docs/architecture.md, read from the project files themselves.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Contracts"] = [],
        ["ServiceDefaults"] = [],
        ["Data"] = [],
        ["Messaging"] = ["Data"],
        ["AI"] = ["Data"],
        ["Api"] = ["AI", "Contracts", "Data", "Messaging", "ServiceDefaults"],
        ["Worker"] = ["AI", "Contracts", "Data", "Messaging", "ServiceDefaults"],
        ["Web"] = ["Contracts", "ServiceDefaults"],
    };

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_references_only_what_the_architecture_allows(string project)
    {
        var file = Path.Combine(Repository.Root, $"ChatSphere.{project}", $"ChatSphere.{project}.csproj");
        var references = XDocument.Load(file).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')).Replace("ChatSphere.", "", StringComparison.Ordinal))
            .Where(r => r != "LocalHosting");
        Assert.Subset(Allowed[project].ToHashSet(), references.ToHashSet());
    }

    public static TheoryData<string> Projects => [.. Allowed.Keys];
}
