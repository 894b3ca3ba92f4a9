using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>
/// A cluster that grows around a node that stays the same: namespaces of 20 pods in five workloads with two policies
/// each, and 50 pods of the first 25 namespaces on the node. Everything follows from the numbers, so that two runs
/// measure the same.
/// </summary>
/// <param name="Nodes">All nodes.</param>
/// <param name="Pods">
/// All pods but a few of the system; a tenth as many policies, a twentieth as many namespaces.
/// </param>
internal sealed record AgentCluster(int Nodes, int Pods)
{
    /// <summary>The node that is measured.</summary>
    public const string Node = ClusterShape.Node;

    /// <summary>Pods of it.</summary>
    public const int LocalPods = 50;

    /// <summary>The first namespaces are those that its pods are of.</summary>
    public const int LocalNamespaces = 25;

    /// <summary>How many different probes of a kind exist.</summary>
    public const int Probes = 4 * LocalNamespaces;

    private const int PerNamespace = 20;
    private const int Workloads = 5;
    private const uint FirstProbe = 100;
    private static readonly PolicyPort[] s_dns = [new(Protocol.Udp, 53, 53), new(Protocol.Tcp, 53, 53)];

    /// <summary>The sizes that are published.</summary>
    public static IReadOnlyList<AgentCluster> Sizes { get; } = [new(50, 1_000), new(500, 10_000), new(5_000, 100_000)];

    public int Policies => Namespaces * 2;

    public int Namespaces => Pods / PerNamespace;

    /// <summary>Nodes, namespaces and policies.</summary>
    public IEnumerable<ClusterObject> Others()
    {
        for (var i = 0; i < Nodes; i++)
        {
            yield return ClusterObject.Of(
                new Node { Name = NodeName(i), Addresses = [new IpAddress(IpFamily.IPv4, 0xC0A80001u + (uint)i)] }
            );
        }

        yield return ClusterObject.Of(Namespace.Create("monitoring", LabelSet.Of(("purpose", "monitoring"))));
        yield return ClusterObject.Of(Namespace.Create("kube-system"));
        for (var i = 0; i < Namespaces; i++)
        {
            yield return ClusterObject.Of(Namespace.Create(NamespaceName(i), LabelSet.Of(("team", $"team-{i / 10}"))));
            yield return ClusterObject.Of(Isolation(NamespaceName(i)));
            yield return ClusterObject.Of(Web(NamespaceName(i)));
        }
    }

    /// <summary>All pods, those of the system first.</summary>
    public IEnumerable<Pod> AllPods()
    {
        for (var i = 0; i < 4; i++)
        {
            yield return SystemPod("monitoring", "prometheus", i);
            yield return SystemPod("kube-system", "kube-dns", i + 4);
        }

        for (var i = 0; i < Pods; i++)
        {
            yield return PodOf(i);
        }
    }

    /// <summary>A pod by its number.</summary>
    public Pod PodOf(int index)
    {
        var (space, slot) = Math.DivRem(index, PerNamespace);
        var local =
            space < LocalNamespaces && slot is 0 or 6 && space < LocalNamespaces ? (2 * space) + (slot / 6) : -1;
        return ClusterShape.NewPod(
            NamespaceName(space),
            slot % Workloads,
            $"{slot:00000}",
            local >= 0 ? Node : OtherNode(index),
            local >= 0 ? ClusterShape.LocalAddress(local) : Address(index)
        );
    }

    /// <summary>A pod that was not there at first, of a namespace.</summary>
    public Pod NewPod(int space, int number) =>
        ClusterShape.NewPod(
            NamespaceName(space),
            number % 4,
            $"n{number:00000}",
            OtherNode(number),
            Address(Pods + number)
        );

    /// <summary>A pod of another node that the policies of a local pod admit.</summary>
    public Pod Caller(int probe) =>
        PodOf((probe % LocalNamespaces * PerNamespace) + 4 + (probe / LocalNamespaces * Workloads));

    /// <summary>A pod that comes to the node, of a workload that it has already.</summary>
    public static Pod Arrival(int probe) =>
        ClusterShape.NewPod(
            NamespaceName(probe % LocalNamespaces),
            0,
            $"p{probe:00000}",
            Node,
            ClusterShape.LocalAddress((int)FirstProbe + probe)
        );

    /// <summary>One that has nothing to do with probes.</summary>
    public int AnyPod(Random random, bool isNear)
    {
        var space = AnyNamespace(random, isNear);
        var slot = random.Next(PerNamespace);
        return (space * PerNamespace) + (slot % Workloads == 4 ? slot - 1 : slot);
    }

    /// <summary>A namespace that the node has pods of, or another.</summary>
    public int AnyNamespace(Random random, bool isNear) =>
        isNear ? random.Next(LocalNamespaces) : random.Next(LocalNamespaces, Namespaces);

    /// <summary>A policy of one event that brings every pod of the cluster into a rule of this node.</summary>
    public static NetworkPolicy Everybody() =>
        new()
        {
            Key = new PolicyKey(NamespaceName(0), "open-to-everybody"),
            PodSelector = LabelSelector.MatchLabels(("app", "app-0")),
            IsolatesIngress = true,
            Ingress =
            [
                new PolicyRule(
                    [new SelectorPeer(LabelSelector.Everything, LabelSelector.Everything)],
                    [new PolicyPort(Protocol.Tcp, 7000, 7000)]
                ),
            ],
        };

    private static string NamespaceName(int index) => ClusterShape.NamespaceName(index);

    private static string NodeName(int index) => index == 0 ? Node : $"node-{index}";

    private static uint Address(int index) => 0x0A800000u + (uint)index;

    private string OtherNode(int number) => NodeName(1 + (number % (Nodes - 1)));

    private static Pod SystemPod(string space, string app, int number) =>
        ClusterShape.NewPod(space, 0, $"s{number}", "node-1", 0x0AFF0000u + (uint)number) with
        {
            Labels = LabelSet.Of(("app", app)),
        };

    private static NetworkPolicy Isolation(string space) =>
        new()
        {
            Key = new PolicyKey(space, "isolation"),
            PodSelector = LabelSelector.Everything,
            IsolatesIngress = true,
            IsolatesEgress = true,
            Ingress =
            [
                new PolicyRule(
                    [new SelectorPeer(LabelSelector.MatchLabels(("purpose", "monitoring")), null)],
                    [new PolicyPort(Protocol.Tcp, Name: "metrics")]
                ),
            ],
            Egress =
            [
                new PolicyRule(
                    [
                        new SelectorPeer(
                            LabelSelector.MatchLabels((Namespace.NameLabel, "kube-system")),
                            LabelSelector.MatchLabels(("app", "kube-dns"))
                        ),
                    ],
                    [.. s_dns]
                ),
                new PolicyRule([new SelectorPeer(null, LabelSelector.Everything)], []),
            ],
        };

    private static NetworkPolicy Web(string space) =>
        new()
        {
            Key = new PolicyKey(space, "web"),
            PodSelector = new LabelSelector
            {
                Requirements = [new LabelRequirement("app", LabelOperator.In, ["app-0", "app-1"])],
            },
            IsolatesIngress = true,
            Ingress =
            [
                new PolicyRule(
                    [new SelectorPeer(null, LabelSelector.MatchLabels(("app", "app-4")))],
                    [new PolicyPort(Protocol.Tcp, Name: "http")]
                ),
                new PolicyRule(
                    [new IpBlockPeer(Cidr.Parse("0.0.0.0/0"), [Cidr.Parse("10.0.0.0/8")])],
                    [new PolicyPort(Protocol.Tcp, 8443, 8443)]
                ),
            ],
        };
}
