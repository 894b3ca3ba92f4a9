using CsCheck;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests.Tests;

/// <summary>Random model objects that reach every field.</summary>
internal static class ModelGen
{
    private static readonly Gen<string> s_name = Gen.OneOf("a", "b", "web-1", "db", "x9");
    private static readonly Gen<string> s_key = Gen.OneOf("app", "role", "example.com/tier", "a.b_c-d");
    private static readonly Gen<string> s_value = Gen.OneOf("", "web", "A_b.c", "1");
    private static readonly Gen<Protocol> s_protocol = Gen.OneOf(Protocol.Tcp, Protocol.Udp, Protocol.Sctp);
    private static readonly Gen<int> s_port = Gen.Int[1, 65535];

    private static readonly Gen<LabelSet> s_labels = Gen.Select(s_key, s_value)
        .List[0, 3]
        .Select(pairs =>
            LabelSet.Create(pairs.Select(pair => new KeyValuePair<string, string>(pair.Item1, pair.Item2)))
        );

    private static readonly Gen<IpAddress> s_v4 = Gen.UInt.Select(value => new IpAddress(IpFamily.IPv4, value));

    // Mapped addresses are IPv4 to everyone who reads text, so none is made here.
    private static readonly Gen<IpAddress> s_v6 = Gen.Select(Gen.ULong, Gen.ULong, (high, low) =>
        new IpAddress(IpFamily.IPv6, new UInt128(high | 1UL << 61, low))
    );

    private static readonly Gen<Cidr> s_cidr = Gen.OneOf(
        Gen.Select(s_v4, Gen.Int[0, 32], (address, length) => new Cidr(address, length)),
        Gen.Select(s_v6, Gen.Int[3, 128], (address, length) => new Cidr(address, length))
    );

    private static readonly Gen<LabelRequirement> s_requirement = Gen.OneOf(
        Gen.Select(s_key, s_value, LabelRequirement.Equal),
        Gen.Select(s_key, Gen.OneOf(LabelOperator.In, LabelOperator.NotIn), s_value.Array[1, 3], (key, op, values) =>
            new LabelRequirement(key, op, values.ToEquatableArray())
        ),
        Gen.Select(s_key, Gen.OneOf(LabelOperator.Exists, LabelOperator.DoesNotExist), (key, op) =>
            new LabelRequirement(key, op, default)
        )
    );

    private static readonly Gen<LabelSelector> s_selector = Gen.Frequency(
        (9, s_requirement.Array[0, 4].Select(items => new LabelSelector { Requirements = items.ToEquatableArray() })),
        (1, Gen.Const(new LabelSelector { Unreadable = true }))
    );

    private static readonly Gen<PolicyPeer> s_peer = Gen.OneOf(
        s_selector.Select(pods => (PolicyPeer)new SelectorPeer(null, pods)),
        s_selector.Select(namespaces => (PolicyPeer)new SelectorPeer(namespaces, null)),
        Gen.Select(s_selector, s_selector, (namespaces, pods) => (PolicyPeer)new SelectorPeer(namespaces, pods)),
        Gen.Select(s_cidr, Gen.Bool, Block)
    );

    private static readonly Gen<PolicyPort> s_policyPort = Gen.OneOf(
        s_protocol.Select(protocol => new PolicyPort(protocol)),
        Gen.Select(s_protocol, s_name, (protocol, name) => new PolicyPort(protocol, Name: name)),
        Gen.Select(s_protocol, s_port, s_port, (protocol, a, b) =>
            new PolicyPort(protocol, Math.Min(a, b), Math.Max(a, b))
        ),
        Gen.Select(s_protocol, s_port, (protocol, port) => new PolicyPort(protocol, port, port))
    );

    private static readonly Gen<PolicyRule> s_rule = Gen.Select(
        s_peer.Array[0, 3],
        s_policyPort.Array[0, 3],
        (peers, ports) => new PolicyRule(peers.ToEquatableArray(), ports.ToEquatableArray())
    );

    private static readonly Gen<NetworkPolicy> s_policy = Gen.Select(
        Gen.Select(s_name, s_name),
        s_selector,
        Gen.Int[1, 3],
        s_rule.Array[0, 3],
        s_rule.Array[0, 3],
        (name, selector, types, ingress, egress) =>
            new NetworkPolicy
            {
                Key = new(name.Item1, name.Item2),
                PodSelector = selector,
                IsolatesIngress = (types & 1) != 0,
                IsolatesEgress = (types & 2) != 0,
                Ingress = ingress.ToEquatableArray(),
                Egress = egress.ToEquatableArray(),
            }
    );

    private static readonly Gen<ContainerPort> s_containerPort = Gen.Select(
        Gen.OneOf<string?>(null, "a", "http"),
        s_port,
        s_protocol,
        (name, port, protocol) => new ContainerPort(name, port, protocol)
    );

    private static readonly Gen<Pod> s_pod = Gen.Select(
        Gen.Select(s_name, s_name, s_labels),
        Gen.Select(s_v4, s_v6, Gen.Int[0, 4]),
        Gen.Select(
            Gen.Bool,
            Gen.Bool,
            Gen.OneOf<string?>(null, "n1"),
            Gen.OneOf(null, new WorkloadRef("Deployment", "web"), new WorkloadRef("Rollout", "x"))
        ),
        Gen.Select(Gen.Enum<PodPhase>(), Gen.Long[0, 4_000_000_000]),
        s_containerPort.Array[0, 4],
        (who, address, flags, life, ports) =>
            new Pod
            {
                Key = new(who.Item1, who.Item2),
                Labels = who.Item3,
                Addresses = address.Item3 switch
                {
                    0 => default,
                    1 => [address.Item1],
                    2 => [address.Item2],
                    3 => [address.Item1, address.Item2],
                    _ => [address.Item2, address.Item1],
                },
                HostNetwork = flags.Item1,
                Terminating = flags.Item2,
                NodeName = flags.Item3,
                Workload = flags.Item4,
                Phase = life.Item1,
                CreatedAt = life.Item2,
                Ports = ports.ToEquatableArray(),
            }
    );

    private static readonly Gen<Node> s_node = Gen.Select(
        s_name,
        s_labels,
        Gen.OneOf(s_v4, s_v6).Array[0, 3],
        s_cidr.Array[0, 2],
        (name, labels, addresses, cidrs) =>
            new Node
            {
                Name = name,
                Labels = labels,
                Addresses = addresses.Distinct().ToEquatableArray(),
                PodCidrs = cidrs.ToEquatableArray(),
            }
    );

    /// <summary>Any object, without a location.</summary>
    public static Gen<ClusterObject> Object { get; } =
        Gen.OneOf(
            s_pod.Select(ClusterObject.Of),
            s_node.Select(ClusterObject.Of),
            Gen.Select(s_name, s_labels, (name, labels) => ClusterObject.Of(Namespace.Create(name, labels))),
            s_policy.Select(ClusterObject.Of)
        );

    private static PolicyPeer Block(Cidr cidr, bool hasHole)
    {
        var isDivisible = cidr.PrefixLength < cidr.Family.Bits();
        return new IpBlockPeer(cidr, hasHole && isDivisible ? [new Cidr(cidr.Last, cidr.PrefixLength + 1)] : default);
    }
}
