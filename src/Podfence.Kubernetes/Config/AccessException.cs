namespace Podfence.Kubernetes;

/// <summary>
/// It cannot be determined how to reach the API server: a kubeconfig, a service account's folder or a credential plugin
/// is invalid. The message names the file, the field and the remedy, and never contains a secret.
/// </summary>
public sealed class AccessException : Exception
{
    /// <summary>With the message to show.</summary>
    public AccessException(string message)
        : base(message) { }

    /// <summary>With the message to show, and its cause.</summary>
    public AccessException(string message, Exception inner)
        : base(message, inner) { }

    /// <summary>The error of a field in a file.</summary>
    internal static AccessException At(string file, string field, string problem, string remedy) =>
        new($"{file}: {field}: {problem} ({remedy})");
}
