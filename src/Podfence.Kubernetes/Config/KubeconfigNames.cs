namespace Podfence.Kubernetes;

/// <summary>Names that kubeconfigs define, to be offered to who types one.</summary>
public static class KubeconfigNames
{
    /// <summary>The contexts of the files that kubectl would take, in order; none where they cannot be read.</summary>
    /// <param name="environment">Environment variables by name.</param>
    public static IReadOnlyList<string> Contexts(Func<string, string?> environment)
    {
        try
        {
            return KubeconfigFiles.Find(new AccessOptions { Environment = environment })?.Names("contexts") ?? [];
        }
        catch (AccessException)
        {
            // What is wrong with them is said when they are used.
            return [];
        }
    }
}
