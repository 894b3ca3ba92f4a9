using Podfence.Model;

namespace Podfence.Lab;

/// <summary>An endpoint in the lab: namespace, address, and the name that its servers report.</summary>
internal sealed record ProbeEndpoint(NetworkNamespace Namespace, IpAddress Address, string Name);

/// <summary>Finds the endpoints of flows.</summary>
internal static class EndpointResolver
{
    /// <exception cref="LabException">The endpoint is unknown, or has no address of the family.</exception>
    public static ProbeEndpoint Resolve(LabNetwork network, LabEndpoint end, IpFamily family) =>
        end switch
        {
            PodEndpoint pod => Pod(network, pod.Key, family),
            NodeEndpoint node => Node(network, node.Name, family),
            ExternalEndpoint external => External(network, external.Address, family),
            _ => throw new ArgumentOutOfRangeException(nameof(end)),
        };

    private static ProbeEndpoint Pod(LabNetwork network, PodKey key, IpFamily family)
    {
        var home = network.Pod(key);
        var pod = network.Plan.Pods[key].Object;
        return pod.HostNetwork
            ? Node(network, pod.NodeName!, family)
            : new ProbeEndpoint(home, pod.AddressOf(family) ?? throw Lacks($"pod '{key}'", family), key.ToString());
    }

    private static ProbeEndpoint Node(LabNetwork network, string name, IpFamily family)
    {
        var home = network.Node(name);
        var address = network.Plan.FindNode(name)!.Object.AddressOf(family) ?? throw Lacks($"node '{name}'", family);
        return new ProbeEndpoint(home, address, LabEndpoint.NodeText(name));
    }

    private static ProbeEndpoint External(LabNetwork network, IpAddress address, IpFamily family)
    {
        if (address.Family != family)
        {
            throw Lacks($"'{address}'", family);
        }

        var plan = network.Plan;
        var owner = plan.PodAt(address)?.Object.Key.ToString()
            ?? (plan.NodeAt(address) is { } node ? LabEndpoint.NodeText(node.Object.Name) : null);
        if (owner is not null)
        {
            throw new LabException(
                LabError.NoSuchEndpoint,
                $"{address} is not external: it belongs to {owner}; use that instead"
            );
        }

        if (plan.Nodes.FirstOrDefault(candidate => candidate.PodCidr(family)?.Contains(address) == true) is { } holder)
        {
            throw new LabException(
                LabError.NoSuchEndpoint,
                $"{address} is not external: it is in the pod CIDR {holder.PodCidr(family)} of node "
                    + $"{holder.Object.Name}, but no pod has it"
            );
        }

        return AddressRules.IsUsable(address)
            ? new ProbeEndpoint(network.External, address, "external")
            : throw new LabException(LabError.NoSuchEndpoint, $"{address} cannot be an external address");
    }

    private static LabException Lacks(string who, IpFamily family) =>
        new(LabError.NoSuchEndpoint, $"{who} has no {family} address");
}
