namespace Podfence.TestKit;

/// <summary>Where etcd, kube-apiserver and kubectl are: KUBEBUILDER_ASSETS where that is set, else the cache of <c>make envtest</c> (eng/envtest.sh).</summary>
public static class EnvTestBinaries
{
    /// <summary>Why tests that need a real API server are skipped; null where there is one.</summary>
    public static string? SkipReason => Folder is null ? "needs a real API server: `make envtest` provides one" : null;

    /// <summary>The folder; null where there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>Whether kubectl is there too.</summary>
    public static bool HasKubectl => Folder is not null && File.Exists(Path.Combine(Folder, "kubectl"));

    internal static string PathOf(string program) => Path.Combine(Folder ?? throw new InvalidOperationException(SkipReason), program);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } assets)
        {
            return Holds(assets);
        }

        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } stated
            ? stated
            : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".cache");
        return Holds(Path.Combine(cache, "podfence", "envtest", "bin"));
    }

    private static string? Holds(string folder) =>
        File.Exists(Path.Combine(folder, "etcd")) && File.Exists(Path.Combine(folder, "kube-apiserver")) ? folder : null;
}
