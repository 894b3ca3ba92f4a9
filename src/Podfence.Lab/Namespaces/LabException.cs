using Podfence.Model;

namespace Podfence.Lab;

/// <summary>The kinds of lab failures.</summary>
public enum LabError
{
    /// <summary>The process lacks the privilege (root, or CAP_SYS_ADMIN and CAP_NET_ADMIN).</summary>
    NotPermitted,

    /// <summary>A program that the lab needs is not installed.</summary>
    ToolMissing,

    /// <summary>A program failed or took too long; the message has its output.</summary>
    ToolFailed,

    /// <summary>The kernel rejected a system call or a setting.</summary>
    Kernel,

    /// <summary>The manifests cannot be realized; the message has each error with its remedy.</summary>
    Manifests,

    /// <summary>A probe or an exec names an endpoint that the lab does not have.</summary>
    NoSuchEndpoint,

    /// <summary>A lab of that name is already up.</summary>
    AlreadyUp,

    /// <summary>No lab of that name is up.</summary>
    NotUp,

    /// <summary>A node did not confirm a change in time, or its process keeps dying.</summary>
    Fence,

    /// <summary>The peer on the control socket violates the protocol.</summary>
    Protocol,
}

/// <summary>A failure of the lab.</summary>
/// <param name="error">The kind of failure.</param>
/// <param name="message">The reason and the remedy.</param>
/// <param name="inner">The exception that caused it, or null.</param>
public sealed class LabException(LabError error, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind of failure.</summary>
    public LabError Error { get; } = error;
}
