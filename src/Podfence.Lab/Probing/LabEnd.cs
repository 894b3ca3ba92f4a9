using Podfence.Model;

namespace Podfence.Lab;

/// <summary>One end of a flow: a <see cref="PodEnd"/>, a <see cref="NodeEnd"/> or an <see cref="ExternalEnd"/>. The text form is that of expectation files.</summary>
public abstract record LabEnd
{
    private const string NodePrefix = "node:";

    /// <summary>Reads <c>NAMESPACE/POD</c>, <c>node:NAME</c> or an address.</summary>
    /// <exception cref="LabException">The text is none of them.</exception>
    public static LabEnd Parse(string text)
    {
        if (text.StartsWith(NodePrefix, StringComparison.Ordinal) && text.Length > NodePrefix.Length)
        {
            return new NodeEnd(text[NodePrefix.Length..]);
        }

        if (IpText.TryParseStrict(text, out IpAddress address))
        {
            return new ExternalEnd(address);
        }

        return text.Split('/') is [{ Length: > 0 } @namespace, { Length: > 0 } name]
            ? new PodEnd(new PodKey(@namespace, name))
            : throw new LabException(LabError.NoSuchEnd, $"'{text}' is not an endpoint: use NAMESPACE/POD, node:NAME or an external address");
    }

    /// <summary>Of a node, the text form.</summary>
    internal static string NodeText(string name) => NodePrefix + name;
}

/// <summary>A pod. A host-network pod stands for its node.</summary>
/// <param name="Key">The pod.</param>
public sealed record PodEnd(PodKey Key) : LabEnd
{
    /// <inheritdoc/>
    public override string ToString() => Key.ToString();
}

/// <summary>A node, with its first address of the flow's family.</summary>
/// <param name="Name">The node's name.</param>
public sealed record NodeEnd(string Name) : LabEnd
{
    /// <inheritdoc/>
    public override string ToString() => NodeText(Name);
}

/// <summary>A host external the cluster. In the lab one host has all addresses that are not a node's and in no pod CIDR.</summary>
/// <param name="Address">The address.</param>
public sealed record ExternalEnd(IpAddress Address) : LabEnd
{
    /// <inheritdoc/>
    public override string ToString() => Address.ToString();
}

/// <summary>A new connection, or a datagram with its answer.</summary>
/// <param name="From">Who starts it.</param>
/// <param name="To">Who is asked.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Port">Port of the destination's own address.</param>
/// <param name="Family">Which of the ends' addresses are used.</param>
public sealed record LabFlow(LabEnd From, LabEnd To, Protocol Protocol, int Port, IpFamily Family)
{
    /// <summary>As a person would say it.</summary>
    public override string ToString() => $"{From} -> {To} {(Protocol == Protocol.Tcp ? "TCP" : "UDP")} {Port} {Family}";
}
