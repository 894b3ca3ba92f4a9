namespace Podfence.Kubernetes;

/// <summary>
/// The way to the API server cannot be made out: a kubeconfig, a service account's folder or a credential plugin is not as it has to be.
/// The message names the file, the field and what to do, and never holds a secret.
/// </summary>
public sealed class AccessException : Exception
{
    /// <summary>With the message as it is to be shown.</summary>
    public AccessException(string message)
        : base(message)
    {
    }

    /// <summary>With the message as it is to be shown, and what lies behind it.</summary>
    public AccessException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>A field of a file is wrong.</summary>
    internal static AccessException At(string file, string field, string problem, string remedy) => new($"{file}: {field}: {problem} ({remedy})");
}
