using Podfence.Base;

namespace Podfence.Model;

/// <summary>A node, reduced to what policy needs.</summary>
public sealed record Node
{
    /// <summary>The node's name.</summary>
    public required string Name { get; init; }

    /// <summary>metadata.labels.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;

    /// <summary>InternalIP and ExternalIP entries of status.addresses, in order.</summary>
    public EquatableArray<IpAddress> Addresses { get; init; }

    /// <summary>spec.podCIDRs.</summary>
    public EquatableArray<Cidr> PodCidrs { get; init; }

    /// <summary>Where the node was read.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>The node's first address of a family, or null.</summary>
    public IpAddress? AddressOf(IpFamily family)
    {
        foreach (var address in Addresses)
        {
            if (address.Family == family)
            {
                return address;
            }
        }

        return null;
    }
}
