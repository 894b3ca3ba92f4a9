using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Access with the service account of a pod: an address in the environment, and a token that rotates and the cluster's
/// authorities in files.
/// </summary>
internal static class InClusterAccess
{
    public static ClusterAccess Read(AccessOptions options)
    {
        var host = options.Environment("KUBERNETES_SERVICE_HOST");
        var port = options.Environment("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new AccessException(
                "no kubeconfig found, and not in a pod "
                    + "(name a kubeconfig with --kubeconfig or KUBECONFIG; "
                    + "a pod has KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT)"
            );
        }

        // An IPv6 address has no brackets here.
        var name = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        if (!Uri.TryCreate($"https://{name}:{port}", UriKind.Absolute, out var server))
        {
            throw new AccessException(
                $"KUBERNETES_SERVICE_HOST: {host} with port {port} is not an address (unset it if this is not a pod)"
            );
        }

        var token = TextSource.OfFile(Path.Combine(options.ServiceAccountFolder, "token"), "service account");
        var authorities = PemSource.OfPemFile(Path.Combine(options.ServiceAccountFolder, "ca.crt"), "service account");
        _ = token.ReadText();
        authorities.ReadPem("CERTIFICATE");
        return new ClusterAccess(server, new UserCredentials { Token = token }, "service account of the pod")
        {
            Namespace = ReadNamespace(options.ServiceAccountFolder),
            Authorities = authorities,
            Proxy = EnvironmentProxy.For(server, options.Environment),
        };
    }

    // Only CLI commands use it, so the file is optional.
    private static string? ReadNamespace(string folder)
    {
        var file = Path.Combine(folder, "namespace");
        return File.Exists(file) ? TextSource.OfFile(file, "service account").ReadText() : null;
    }
}
