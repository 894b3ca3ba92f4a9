namespace Podfence.ClusterTests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The path of something in it.</summary>
    public static string Find(params ReadOnlySpan<string> parts)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Podfence.slnx")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd('/'))!;
        }

        return Path.Combine([folder, .. parts]);
    }
}
