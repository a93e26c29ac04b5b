using System.Text.RegularExpressions;

namespace ChatSphere.Tests.Architecture;

/// <summary>Rules of the house that no analyzer here knows.</summary>
public sealed partial class SourceTests
{
    private static IEnumerable<(string File, string Text)> Product =>
        Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !f.Contains("Migrations", StringComparison.Ordinal)
                && !f.Contains("ChatSphere.Tests", StringComparison.Ordinal) && !f.Contains("ChatSphere.Journeys", StringComparison.Ordinal))
            .Select(f => (Path.GetRelativePath(Repository.Root, f), File.ReadAllText(f)));

    // The host and the load tools run by the wall clock, and the host's API is partly synchronous, as Aspire's is.
    private static IEnumerable<(string File, string Text)> Services => Product.Where(p => !p.File.StartsWith("ChatSphere.LocalHosting", StringComparison.Ordinal) && !p.File.StartsWith("ChatSphere.Benchmarks", StringComparison.Ordinal));

    [Fact]
    public void Time_comes_from_a_TimeProvider() =>
        Assert.Equal([], Services.Where(p => Clock().IsMatch(p.Text)).Select(p => p.File));

    [Fact]
    public void Nothing_waits_by_blocking_a_thread() =>
        // Data protection's repository of keys is a synchronous interface.
        Assert.Equal(["ChatSphere.Web/Hosting/KeyRing.cs"], Services.Where(p => Blocking().IsMatch(p.Text)).Select(p => p.File));

    [Fact]
    public void No_class_is_named_after_nothing_in_particular()
    {
        // LocalHosting carries the names of the API that it stands in for.
        var vague = Product.Where(p => !p.File.StartsWith("ChatSphere.LocalHosting", StringComparison.Ordinal)).SelectMany(p => Vague().Matches(p.Text).Select(m => $"{p.File}: {m.Groups[1].Value}")).ToList();
        Assert.True(vague.Count == 0, string.Join('\n', vague));
    }

    [Fact]
    public void A_module_does_not_use_another_module()
    {
        var crossings = Product.Select(p => (p.File, p.Text, Module: ModuleFolder().Match(p.File)))
            .Where(p => p.Module.Success && p.Module.Groups[1].Value == "Api")
            .SelectMany(p => ModuleUse().Matches(p.Text).Select(u => u.Groups[1].Value).Where(used => used != p.Module.Groups[2].Value).Select(used => $"{p.File} uses {used}"))
            // Whose session has ended is Accounts' to say, and a stream must ask.
            .Where(c => !c.EndsWith("LiveReader.cs uses Accounts", StringComparison.Ordinal))
            // Admin is the other half of Accounts: the same accounts, sessions and keys, acted on by somebody else, and what they allow must end on this node at once.
            .Where(c => !(c.Contains("Modules/Admin/", StringComparison.Ordinal) && c.EndsWith(" uses Accounts", StringComparison.Ordinal))).ToList();
        Assert.True(crossings.Count == 0, string.Join('\n', crossings));
    }

    [GeneratedRegex(@"DateTime(Offset)?\.(UtcNow|Now)\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\.Wait\(\)|\.GetAwaiter\(\)\.GetResult\(\)")]
    private static partial Regex Blocking();

    [GeneratedRegex(@"(?:class|record|interface|struct) (\w+(?:Service|Manager|Helper|Util|Utils|Common|Base|Impl|Dto))\b")]
    private static partial Regex Vague();

    [GeneratedRegex(@"ChatSphere\.(Api|Worker).Modules.(\w+)")]
    private static partial Regex ModuleFolder();

    [GeneratedRegex(@"using ChatSphere\.Api\.Modules\.(\w+)")]
    private static partial Regex ModuleUse();
}
