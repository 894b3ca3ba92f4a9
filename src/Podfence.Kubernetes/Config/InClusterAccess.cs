using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>Makes access of the service account that a pod is given: an address in the environment, a token that rotates and the cluster's authority in files.</summary>
internal static class InClusterAccess
{
    public static ClusterAccess Read(AccessOptions options)
    {
        var host = options.Environment("KUBERNETES_SERVICE_HOST");
        var port = options.Environment("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new AccessException("there is no kubeconfig and this is no pod (name a kubeconfig with --kubeconfig or KUBECONFIG; "
                + "a pod has KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT)");
        }

        // An IPv6 address stands there without brackets.
        var name = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        if (!Uri.TryCreate($"https://{name}:{port}", UriKind.Absolute, out var server))
        {
            throw new AccessException($"KUBERNETES_SERVICE_HOST: {host} with port {port} is no address (unset it outside pods)");
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

    // Only people's verbs ask for it, so a pod without the file is no fault.
    private static string? ReadNamespace(string folder)
    {
        var file = Path.Combine(folder, "namespace");
        return File.Exists(file) ? TextSource.OfFile(file, "service account").ReadText() : null;
    }
}
