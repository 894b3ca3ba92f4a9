using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// A small cluster of two nodes with a bit of everything: <c>db</c> takes connections of <c>web</c> and of a block with
/// a hole, and begins none; <c>web</c> speaks to <c>db</c> and <c>far</c> alone; <c>far</c> is on the other node and
/// isolated for ingress; <c>open</c> is free.
/// </summary>
internal static class TwoNodeCluster
{
    public const int Port = 80;

    public static readonly PodKey Web = new("default", "web");
    public static readonly PodKey Db = new("default", "db");
    public static readonly PodKey Open = new("default", "open");
    public static readonly PodKey Far = new("default", "far");

    public static ClusterCase Cluster { get; } =
        new()
        {
            Nodes = [Node(1), Node(2)],
            Namespaces = [Namespace.Create("default")],
            Pods = [Pod(Web, 1, 2), Pod(Db, 1, 3), Pod(Open, 1, 4), Pod(Far, 2, 2)],
            Policies =
            [
                new NetworkPolicy
                {
                    Key = new PolicyKey("default", "db"),
                    PodSelector = App(Db),
                    IsolatesIngress = true,
                    IsolatesEgress = true,
                    Ingress =
                    [
                        new PolicyRule(
                            [new SelectorPeer(null, App(Web))],
                            [new PolicyPort(Protocol.Tcp, Name: "main"), new PolicyPort(Protocol.Udp, Port, Port)]
                        ),
                        new PolicyRule(
                            [Block("198.51.100.0/24", "198.51.100.128/25"), Block("2001:db8:51::/48")],
                            [new PolicyPort(Protocol.Tcp, 1, 1000)]
                        ),
                    ],
                },
                new NetworkPolicy
                {
                    Key = new PolicyKey("default", "web"),
                    PodSelector = App(Web),
                    IsolatesEgress = true,
                    Egress = [new PolicyRule([new SelectorPeer(null, App(Db)), new SelectorPeer(null, App(Far))], [])],
                },
                new NetworkPolicy
                {
                    Key = new PolicyKey("default", "far"),
                    PodSelector = App(Far),
                    IsolatesIngress = true,
                    Ingress = [new PolicyRule([new SelectorPeer(null, App(Web))], [])],
                },
            ],
        };

    public static LabelSelector App(PodKey pod) => LabelSelector.MatchLabels(("app", pod.Name));

    public static Pod Pod(PodKey key, int node, int number) =>
        new()
        {
            Key = key,
            Labels = LabelSet.Of(("app", key.Name)),
            NodeName = $"n{node}",
            Phase = PodPhase.Running,
            Addresses = [IpAddress.Parse($"10.244.{node}.{number}"), IpAddress.Parse($"fd00:244:{node}::{number:x}")],
            Ports = [new ContainerPort("main", Port, Protocol.Tcp)],
        };

    public static Pod Find(PodKey key) => Cluster.Pods.Single(pod => pod.Key == key);

    public static IpAddress Address(PodKey key, IpFamily family) => Find(key).AddressOf(family)!.Value;

    /// <summary>Flows that tell the policies apart, in both families.</summary>
    public static IReadOnlyList<LabFlow> Flows { get; } =
    [
        .. IpFamilies.All.SelectMany(family =>
            (LabFlow[])
                [
                    Flow(Web, Db, family),
                    Flow(Web, Db, family, Protocol.Udp),
                    Flow(Open, Db, family),
                    Flow(Open, Db, family, Protocol.Udp),
                    Flow(Far, Db, family),
                    Flow(Db, Open, family),
                    Flow(Db, Far, family, Protocol.Udp),
                    Flow(Web, Open, family),
                    Flow(Web, Far, family),
                    Flow(Open, Far, family),
                    new LabFlow(new PodEndpoint(Db), new NodeEndpoint("n1"), Protocol.Tcp, Port, family),
                    new LabFlow(new PodEndpoint(Open), new NodeEndpoint("n1"), Protocol.Tcp, Port, family),
                    new LabFlow(new NodeEndpoint("n1"), new PodEndpoint(Db), Protocol.Tcp, Port, family),
                    new LabFlow(new NodeEndpoint("n2"), new PodEndpoint(Db), Protocol.Tcp, Port, family),
                    new LabFlow(External(family), new PodEndpoint(Db), Protocol.Tcp, Port, family),
                ]
        ),
        new LabFlow(
            new ExternalEndpoint(IpAddress.Parse("198.51.100.200")),
            new PodEndpoint(Db),
            Protocol.Tcp,
            Port,
            IpFamily.IPv4
        ),
    ];

    /// <summary>A flow to the port that all pods serve.</summary>
    public static LabFlow Flow(PodKey from, PodKey to, IpFamily family, Protocol protocol = Protocol.Tcp) =>
        new(new PodEndpoint(from), new PodEndpoint(to), protocol, Port, family);

    private static ExternalEndpoint External(IpFamily family) =>
        new(IpAddress.Parse(family == IpFamily.IPv4 ? "198.51.100.7" : "2001:db8:51::7"));

    private static Node Node(int number) =>
        new()
        {
            Name = $"n{number}",
            Addresses = [IpAddress.Parse($"192.168.0.{number}"), IpAddress.Parse($"fd00:168::{number}")],
            PodCidrs = [Cidr.Parse($"10.244.{number}.0/24"), Cidr.Parse($"fd00:244:{number}::/64")],
        };

    private static IpBlockPeer Block(string cidr, params string[] except) =>
        new(Cidr.Parse(cidr), except.Select(Cidr.Parse).ToEquatableArray());
}
