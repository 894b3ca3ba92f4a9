using Podfence.Model;

namespace Podfence.Lab;

/// <summary>What kept the lab from doing something, for programs.</summary>
public enum LabError
{
    /// <summary>The process lacks the privilege (root, or CAP_SYS_ADMIN and CAP_NET_ADMIN).</summary>
    NotPermitted,

    /// <summary>A program that the lab needs is not installed.</summary>
    ToolMissing,

    /// <summary>A program that the lab ran refused or took too long; the message holds its words.</summary>
    ToolFailed,

    /// <summary>The kernel refused a system call or a setting.</summary>
    Kernel,

    /// <summary>The manifests ask for what cannot be; the message holds each fault with its remedy.</summary>
    Manifests,

    /// <summary>A probe or an exec names an end that the lab does not have.</summary>
    NoSuchEnd,

    /// <summary>A lab of that name is up already.</summary>
    AlreadyUp,

    /// <summary>No lab of that name is up.</summary>
    NotUp,

    /// <summary>A fence did not confirm in time, or keeps dying.</summary>
    Fence,

    /// <summary>The other side of the control socket does not keep the protocol.</summary>
    Protocol,
}

/// <summary>The lab could not do what it was asked.</summary>
/// <param name="error">The reason, for programs.</param>
/// <param name="message">The reason and the remedy, for people.</param>
/// <param name="inner">The cause, if another exception was.</param>
public sealed class LabException(LabError error, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The reason, for programs.</summary>
    public LabError Error { get; } = error;
}
