using System.Collections.Immutable;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>The owners of addresses while pods are planned.</summary>
internal sealed class PodAddresses
{
    private readonly Dictionary<IpAddress, string> _owners = [];
    private readonly Dictionary<string, UInt128> _next = [];
    private readonly ImmutableArray<LabDiagnostic>.Builder _faults;

    public PodAddresses(ImmutableArray<NodePlan> nodes, ImmutableArray<LabDiagnostic>.Builder faults)
    {
        _faults = faults;
        foreach (var node in nodes)
        {
            foreach (var address in node.Object.Addresses)
            {
                _owners[address] = $"node {node.Object.Name}";
            }

            foreach (var cidr in node.Object.PodCidrs)
            {
                _owners.TryAdd(cidr.Gateway(), $"the gateway of node {node.Object.Name}'s pod CIDR {cidr}");
            }
        }
    }

    public void TakeStated(Pod pod)
    {
        if (pod.HostNetwork || pod.Finished)
        {
            // Host-network pods share their node's addresses; finished pods have released theirs.
            return;
        }

        foreach (var address in pod.Addresses)
        {
            if (!AddressRules.IsUsable(address))
            {
                Fault(pod, $"{address} cannot be a pod's address", "use a unicast address, or none");
            }
            else if (!_owners.TryAdd(address, $"pod {pod.Key}"))
            {
                Fault(
                    pod,
                    $"{address} is also the address of {_owners[address]}",
                    "change or remove status.podIPs of one of them, or set the phase of the terminated one to "
                        + "Succeeded"
                );
            }
        }
    }

    /// <summary>Keeps the addresses of a pod, unless its manifest gives others or another pod claims them.</summary>
    public bool TryKeep(Pod pod, PodPlan old)
    {
        if (
            !pod.Addresses.IsEmpty
            || pod.HostNetwork
            || pod.Finished
            || !old.IsConnected
            || old.Object.Addresses.Any(_owners.ContainsKey)
        )
        {
            return false;
        }

        foreach (var address in old.Object.Addresses)
        {
            _owners[address] = $"pod {pod.Key}";
        }

        return true;
    }

    /// <summary>Assigns one address per family of the node, with the same host part in both.</summary>
    public EquatableArray<IpAddress> Choose(Pod pod, NodePlan node)
    {
        var cidrs = IpFamilies.All.Select(node.PodCidr).OfType<Cidr>().ToArray();
        for (var host = _next.TryGetValue(node.Object.Name, out var next) ? next : 2; ; host++)
        {
            foreach (var cidr in cidrs)
            {
                // The last address of an IPv4 block is its broadcast address.
                if (cidr.Network.Plus(host) is var address && (!cidr.Contains(address) || address == cidr.Last))
                {
                    Fault(
                        pod,
                        $"pod CIDR {cidr} of node {node.Object.Name} is full",
                        "set larger spec.podCIDRs for the node, or add nodes"
                    );
                    return [];
                }
            }

            if (!cidrs.Any(cidr => _owners.ContainsKey(cidr.Network.Plus(host))))
            {
                _next[node.Object.Name] = host + 1;
                var chosen = cidrs.Select(cidr => cidr.Network.Plus(host)).ToEquatableArray();
                foreach (var address in chosen)
                {
                    _owners[address] = $"pod {pod.Key}";
                }

                return chosen;
            }
        }
    }

    private void Fault(Pod pod, string message, string remedy) =>
        _faults.Add(new(pod.Location, $"pod {pod.Key}", message, remedy));
}
