using Podfence.Model;

namespace Podfence.Manifests.Tests;

/// <summary>Short ways to write manifests and find files.</summary>
internal static class Samples
{
    /// <summary>A file of the repository, independent of the current folder.</summary>
    public static string RepositoryFile(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Podfence.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests do not run in the repository");
        }

        return Path.Combine(folder.FullName, path);
    }

    /// <summary>A policy p in namespace n with this spec in flow style.</summary>
    public static string Policy(string spec) =>
        $"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: ns}}\nspec: {spec}\n";

    /// <summary>A pod p in namespace n with these further fields in flow style.</summary>
    public static string Pod(string fields) =>
        $"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: ns}}\n{fields}\n";
}
