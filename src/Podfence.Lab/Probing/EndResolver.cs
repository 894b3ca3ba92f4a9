using Podfence.Model;

namespace Podfence.Lab;

/// <summary>Where an end of a flow is in the lab: namespace, address, and the name its servers give.</summary>
internal sealed record Place(NetworkNamespace Namespace, IpAddress Address, string Name);

/// <summary>Finds the ends of flows.</summary>
internal static class EndResolver
{
    /// <exception cref="LabException">The lab has no such end, or it has no address of the family.</exception>
    public static Place Resolve(LabNetwork network, LabEnd end, IpFamily family) => end switch
    {
        PodEnd pod => Pod(network, pod.Key, family),
        NodeEnd node => Node(network, node.Name, family),
        ExternalEnd external => External(network, external.Address, family),
        _ => throw new ArgumentOutOfRangeException(nameof(end)),
    };

    private static Place Pod(LabNetwork network, PodKey key, IpFamily family)
    {
        var home = network.Pod(key);
        var pod = network.Plan.Pods[key].Object;
        return pod.HostNetwork ? Node(network, pod.NodeName!, family) : new Place(home, pod.AddressOf(family) ?? throw Lacks($"pod '{key}'", family), key.ToString());
    }

    private static Place Node(LabNetwork network, string name, IpFamily family)
    {
        var home = network.Node(name);
        var address = network.Plan.FindNode(name)!.Object.AddressOf(family) ?? throw Lacks($"node '{name}'", family);
        return new Place(home, address, LabEnd.NodeText(name));
    }

    private static Place External(LabNetwork network, IpAddress address, IpFamily family)
    {
        if (address.Family != family)
        {
            throw Lacks($"'{address}'", family);
        }

        var plan = network.Plan;
        var owner = plan.PodAt(address)?.Object.Key.ToString()
            ?? (plan.NodeAt(address) is { } node ? LabEnd.NodeText(node.Object.Name) : null);
        if (owner is not null)
        {
            throw new LabException(LabError.NoSuchEnd, $"{address} is not external: it belongs to {owner}; use that instead");
        }

        if (plan.Nodes.FirstOrDefault(candidate => candidate.PodCidr(family)?.Contains(address) == true) is { } holder)
        {
            throw new LabException(LabError.NoSuchEnd, $"{address} is not external: it is in the pod CIDR {holder.PodCidr(family)} of node {holder.Object.Name}, but no pod has it");
        }

        return AddressRules.IsUsable(address)
            ? new Place(network.External, address, "external")
            : throw new LabException(LabError.NoSuchEnd, $"{address} cannot be an external address");
    }

    private static LabException Lacks(string who, IpFamily family) => new(LabError.NoSuchEnd, $"{who} has no {family} address");
}
