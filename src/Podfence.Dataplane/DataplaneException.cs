namespace Podfence.Dataplane;

/// <summary>Why the kernel did not do what it was asked to. Used as log field and metric label.</summary>
public enum DataplaneFailure
{
    /// <summary>CAP_NET_ADMIN is missing in this network namespace.</summary>
    NotPermitted,

    /// <summary>The kernel lacks nf_tables or one of the expressions that the rules need.</summary>
    NotSupported,

    /// <summary>What the transaction builds on is gone or different: somebody else changed our table.</summary>
    Conflict,

    /// <summary>The kernel has no memory, or the socket's buffer is too small.</summary>
    NoMemory,

    /// <summary>Bridged pods are invisible to the packet filter because bridge netfilter is off.</summary>
    BridgeNetfilterOff,

    /// <summary>Anything else; the message has the kernel's words.</summary>
    Rejected,
}

/// <summary>The kernel refused a transaction or could not be read. Nothing of the transaction is in force.</summary>
public sealed class DataplaneException(DataplaneFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The documented reason.</summary>
    public DataplaneFailure Failure { get; } = failure;
}
