namespace Podfence.Kubernetes;

/// <summary>Where to look for the way to the API server. With nothing set it is looked for as kubectl does.</summary>
public sealed record AccessOptions
{
    /// <summary>
    /// The one kubeconfig to take (<c>--kubeconfig</c>). Null by default: the files of <c>KUBECONFIG</c> where that is set, else <c>~/.kube/config</c> where there is one,
    /// else the service account of the pod.
    /// </summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The context to take instead of the file's current one. Null by default.</summary>
    public string? Context { get; init; }

    /// <summary>Environment variables by name. The process's own by default.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>The folder of the pod's service account: <c>token</c> and <c>ca.crt</c>.</summary>
    public string ServiceAccountFolder { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The clock by which credentials expire and plugins are given up. The system's by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
