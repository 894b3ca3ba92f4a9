namespace Podfence.Kubernetes;

/// <summary>Where to look for access to the API server. By default as kubectl does.</summary>
public sealed record AccessOptions
{
    /// <summary>
    /// The only kubeconfig to use (<c>--kubeconfig</c>). Null by default: the files of <c>KUBECONFIG</c> if set, else
    /// <c>~/.kube/config</c> if it exists, else the service account of the pod.
    /// </summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The context to use instead of the file's current one. Null by default.</summary>
    public string? Context { get; init; }

    /// <summary>Environment variables by name. The process's own by default.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>The folder of the pod's service account: <c>token</c> and <c>ca.crt</c>.</summary>
    public string ServiceAccountFolder { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The clock for credential expiry and plugin timeouts. The system's by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
