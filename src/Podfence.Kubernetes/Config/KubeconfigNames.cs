namespace Podfence.Kubernetes;

/// <summary>Names of kubeconfig entries, for shell completion.</summary>
public static class KubeconfigNames
{
    /// <summary>The contexts of the files that kubectl would use, in order; empty if they cannot be read.</summary>
    /// <param name="environment">Environment variables by name.</param>
    public static IReadOnlyList<string> Contexts(Func<string, string?> environment)
    {
        try
        {
            return KubeconfigFiles.Find(new AccessOptions { Environment = environment })?.Names("contexts") ?? [];
        }
        catch (AccessException)
        {
            // The verb that uses the files reports what is wrong with them.
            return [];
        }
    }
}
