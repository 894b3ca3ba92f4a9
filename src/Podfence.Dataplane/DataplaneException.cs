namespace Podfence.Dataplane;

/// <summary>Why an operation on the kernel failed. Used as log field and metric label.</summary>
public enum DataplaneFailure
{
    /// <summary>CAP_NET_ADMIN is missing in this network namespace.</summary>
    NotPermitted,

    /// <summary>The kernel lacks nf_tables or one of the expressions that the rules need.</summary>
    NotSupported,

    /// <summary>
    /// The transaction builds on something missing or different: another program changed Podfence's rules.
    /// </summary>
    Conflict,

    /// <summary>The kernel has no memory, or the socket's buffer is too small.</summary>
    NoMemory,

    /// <summary>Bridged pods are invisible to the packet filter because bridge netfilter is off.</summary>
    BridgeNetfilterOff,

    /// <summary>Anything else; the message has the error text.</summary>
    Rejected,
}

/// <summary>The kernel rejected a transaction or could not be read. No part of the transaction is in force.</summary>
public sealed class DataplaneException(DataplaneFailure failure, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The kind of failure.</summary>
    public DataplaneFailure Failure { get; } = failure;
}
