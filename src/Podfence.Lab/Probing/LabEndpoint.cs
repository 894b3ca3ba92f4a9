using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// An end of a flow: a <see cref="PodEndpoint"/>, a <see cref="NodeEndpoint"/> or an <see cref="ExternalEndpoint"/>.
/// The text format is that of expectation files.
/// </summary>
public abstract record LabEndpoint
{
    private const string NodePrefix = "node:";

    /// <summary>Parses <c>NAMESPACE/POD</c>, <c>node:NAME</c> or an IP address.</summary>
    /// <exception cref="LabException">The text is not valid.</exception>
    public static LabEndpoint Parse(string text)
    {
        if (text.StartsWith(NodePrefix, StringComparison.Ordinal) && text.Length > NodePrefix.Length)
        {
            return new NodeEndpoint(text[NodePrefix.Length..]);
        }

        if (IpText.TryParseStrict(text, out IpAddress address))
        {
            return new ExternalEndpoint(address);
        }

        return text.Split('/') is [{ Length: > 0 } @namespace, { Length: > 0 } name]
            ? new PodEndpoint(new PodKey(@namespace, name))
            : throw new LabException(
                LabError.NoSuchEndpoint,
                $"'{text}' is not an endpoint: use NAMESPACE/POD, node:NAME or an external address"
            );
    }

    /// <summary>The text format of a node.</summary>
    internal static string NodeText(string name) => NodePrefix + name;
}

/// <summary>A pod. A host-network pod is the same as its node.</summary>
/// <param name="Key">The pod.</param>
public sealed record PodEndpoint(PodKey Key) : LabEndpoint
{
    /// <inheritdoc/>
    public override string ToString() => Key.ToString();
}

/// <summary>A node, with its first address of the flow's family.</summary>
/// <param name="Name">The node's name.</param>
public sealed record NodeEndpoint(string Name) : LabEndpoint
{
    /// <inheritdoc/>
    public override string ToString() => NodeText(Name);
}

/// <summary>An external address. One host of the lab has all addresses of no node and in no pod CIDR.</summary>
/// <param name="Address">The address.</param>
public sealed record ExternalEndpoint(IpAddress Address) : LabEndpoint
{
    /// <inheritdoc/>
    public override string ToString() => Address.ToString();
}

/// <summary>A new connection, or a datagram with its reply.</summary>
/// <param name="From">The source.</param>
/// <param name="To">The destination.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Port">The port of the destination's own address.</param>
/// <param name="Family">The family of the addresses to use.</param>
public sealed record LabFlow(LabEndpoint From, LabEndpoint To, Protocol Protocol, int Port, IpFamily Family)
{
    /// <inheritdoc/>
    public override string ToString() => $"{From} -> {To} {(Protocol == Protocol.Tcp ? "TCP" : "UDP")} {Port} {Family}";
}
