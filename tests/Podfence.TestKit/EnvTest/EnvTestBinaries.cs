using Podfence.Lab;

namespace Podfence.TestKit;

/// <summary>
/// Whether etcd, kube-apiserver and kubectl are here: KUBEBUILDER_ASSETS where that is set, else the cache of <c>make
/// envtest</c> (eng/envtest.sh).
/// </summary>
public static class EnvTestBinaries
{
    private static readonly string? s_folder = ControlPlane.FindPrograms();

    /// <summary>Why tests that need a real API server are skipped; null where there is one.</summary>
    public static string? SkipReason =>
        s_folder is null ? "needs a real API server: `make envtest` provides one" : null;

    /// <summary>Whether kubectl is there too.</summary>
    public static bool HasKubectl => s_folder is not null && File.Exists(Path.Combine(s_folder, "kubectl"));
}
