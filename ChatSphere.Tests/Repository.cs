namespace ChatSphere.Tests;

internal static class Repository
{
    /// <summary>The folder that holds ChatSphere.sln, found upwards from the test assembly.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ChatSphere.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"ChatSphere.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
