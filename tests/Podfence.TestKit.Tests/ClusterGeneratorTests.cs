using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.TestKit.Tests;

/// <summary>Each corner case must occur among 2,000 generated clusters, and often enough to matter.</summary>
public sealed class ClusterGeneratorTests
{
    private const int Clusters = 2000;

    private static readonly Lazy<List<ClusterCase>> s_clusters = new(static () =>
        [
            .. Enumerable
                .Range(1, Clusters)
                .AsParallel()
                .AsOrdered()
                .Select(static seed => ClusterGenerator.Generate(seed)),
        ]
    );

    private static readonly Dictionary<string, Func<ClusterCase, bool>> s_corners = new()
    {
        // The cluster.
        ["one node"] = c => c.Nodes.Count == 1,
        ["three nodes"] = c => c.Nodes.Count == 3,
        ["node with two addresses of a family"] = c =>
            c.Nodes.Any(n => n.Addresses.Count > n.Addresses.DistinctBy(a => a.Family).Count()),
        ["node not seen"] = c => c.Pods.Any(p => p.NodeName is not null && c.Nodes.All(n => n.Name != p.NodeName)),
        ["namespace not seen"] = c => c.Pods.Any(p => c.Namespaces.All(n => n.Name != p.Key.Namespace)),
        ["four namespaces"] = c => c.Namespaces.Count == 4,
        ["namespace of longest name"] = c => c.Namespaces.Any(n => n.Name.Length == 63),
        ["namespace labelled"] = c => c.Namespaces.Any(n => n.Labels.Count > 1),

        // Pods.
        ["one pod"] = c => c.Pods.Count == 1,
        ["eight pods"] = c => c.Pods.Count == 8,
        ["pod of longest name"] = c => c.Pods.Any(p => p.Key.Name.Length == 253),
        ["pod of IPv4 only"] = c => c.Pods.Any(p => p.Addresses.Count == 1 && p.Addresses[0].Family == IpFamily.IPv4),
        ["pod of IPv6 only"] = c => c.Pods.Any(p => p.Addresses.Count == 1 && p.Addresses[0].Family == IpFamily.IPv6),
        ["dual-stack pod"] = c => c.Pods.Any(p => p.Addresses.Count == 2),
        ["IPv6 first"] = c => c.Pods.Any(p => p.Addresses.Count == 2 && p.Addresses[0].Family == IpFamily.IPv6),
        ["mixed stacks"] = c => c.Pods.Select(p => p.Addresses.Count).Distinct().Count(n => n > 0) == 2,
        ["host network"] = c =>
            c.Pods.Any(p =>
                p.HostNetwork && c.Nodes.Any(n => n.Name == p.NodeName && n.Addresses.Contains(p.Addresses[0]))
            ),
        ["succeeded"] = c => c.Pods.Any(p => p.Phase == PodPhase.Succeeded),
        ["failed"] = c => c.Pods.Any(p => p.Phase == PodPhase.Failed),
        ["pending with address"] = c => c.Pods.Any(p => p.Phase == PodPhase.Pending && !p.Addresses.IsEmpty),
        ["terminating"] = c => c.Pods.Any(p => p is { Terminating: true, Finished: false }),
        ["without address"] = c => c.Pods.Any(p => p.Addresses.IsEmpty),
        ["without node"] = c => c.Pods.Any(p => p.NodeName is null && !p.Addresses.IsEmpty),
        ["contested address"] = c => Contested(c.Pods.Where(p => p.IsEndpoint)),
        ["contested by finished"] = c =>
            Contested(c.Pods.Where(p => !p.HostNetwork)) && !Contested(c.Pods.Where(p => p.IsEndpoint)),
        ["contested by terminating"] = c =>
            Contested(c.Pods.Where(p => p.IsEndpoint)) && !Contested(c.Pods.Where(p => p.IsEndpoint && !p.Terminating)),
        ["contested in one namespace"] = c =>
            c.Pods.GroupBy(p => p.Key.Namespace).Any(ns => Contested(ns.Where(p => p.IsEndpoint))),
        ["contested across namespaces"] = c =>
            Contested(c.Pods.Where(p => p.IsEndpoint))
            && c.Pods.GroupBy(p => p.Key.Namespace).All(ns => !Contested(ns.Where(p => p.IsEndpoint))),
        ["empty label value"] = c => c.Pods.Any(p => p.Labels.Any(l => l.Value.Length == 0)),
        ["no labels"] = c => c.Pods.Any(p => p.Labels.Count == 0),
        ["one name, numbers differ by pod"] = c =>
            c.Pods.SelectMany(p => p.Ports)
                .Where(p => p.Name is not null)
                .GroupBy(p => (p.Name, p.Protocol))
                .Any(g => g.DistinctBy(p => p.Number).Count() > 1),
        ["one name twice in a pod"] = c =>
            c.Pods.Any(p =>
                p.Ports.Where(q => q.Name is not null)
                    .GroupBy(q => (q.Name, q.Protocol))
                    .Any(g => g.DistinctBy(q => q.Number).Count() > 1)
            ),
        ["one name of two protocols in a pod"] = c =>
            c.Pods.Any(p =>
                p.Ports.Where(q => q.Name is not null)
                    .GroupBy(q => q.Name)
                    .Any(g => g.DistinctBy(q => q.Protocol).Count() > 1)
            ),
        ["nameless port"] = c => c.Pods.Any(p => p.Ports.Any(q => q.Name is null)),

        // Policies.
        ["no policy"] = c => c.Policies.IsEmpty,
        ["policy of longest name"] = c => c.Policies.Any(p => p.Key.Name.Length == 253),
        ["ingress only"] = c => c.Policies.Any(p => p is { IsolatesIngress: true, IsolatesEgress: false }),
        ["egress only"] = c => c.Policies.Any(p => p is { IsolatesIngress: false, IsolatesEgress: true }),
        ["both"] = c => c.Policies.Any(p => p is { IsolatesIngress: true, IsolatesEgress: true }),
        ["rules of a direction not in force"] = c =>
            c.Policies.Any(p => (!p.IsolatesIngress && !p.Ingress.IsEmpty) || (!p.IsolatesEgress && !p.Egress.IsEmpty)),
        ["default deny"] = c =>
            c.Policies.Any(p => p.PodSelector == LabelSelector.Everything && p.IsolatesIngress && p.Ingress.IsEmpty),
        ["default deny egress"] = c =>
            c.Policies.Any(p => p.PodSelector == LabelSelector.Everything && p.IsolatesEgress && p.Egress.IsEmpty),
        ["empty rule"] = c => Rules(c).Any(r => r.Peers.IsEmpty && r.Ports.IsEmpty),
        ["twice the same rule"] = c => c.Policies.Any(p => p.Ingress.Distinct().Count() < p.Ingress.Count),
        ["20 rules and more"] = c => c.Policies.Any(p => p.Ingress.Count >= 20),
        ["selects nothing"] = c =>
            c.Policies.Any(p =>
                c.Pods.Where(q => q.Key.Namespace == p.Key.Namespace).All(q => !p.PodSelector.SelectsSubject(q.Labels))
            ),
        ["unreadable subject"] = c => c.Policies.Any(p => p.PodSelector.Unreadable),
        ["two policies on a pod"] = c =>
            c.Pods.Any(q =>
                q.IsEndpoint
                && c.Policies.Count(p =>
                    p.IsolatesIngress && p.Key.Namespace == q.Key.Namespace && p.PodSelector.Matches(q.Labels)
                ) > 1
            ),

        // Peers.
        ["any peer, some ports"] = c => Rules(c).Any(r => r.Peers.IsEmpty && !r.Ports.IsEmpty),
        ["pod selector"] = c => Peers<SelectorPeer>(c).Any(p => p is { Namespaces: null, Pods: not null }),
        ["namespace selector"] = c => Peers<SelectorPeer>(c).Any(p => p is { Namespaces: not null, Pods: null }),
        ["both selectors"] = c => Peers<SelectorPeer>(c).Any(p => p is { Namespaces: not null, Pods: not null }),
        ["both empty"] = c =>
            Peers<SelectorPeer>(c)
                .Any(p => p.Namespaces == LabelSelector.Everything && p.Pods == LabelSelector.Everything),
        ["two selector peers"] = c => Rules(c).Any(r => r.Peers.OfType<SelectorPeer>().Count() > 1),
        ["selector and block"] = c =>
            Rules(c).Any(r => r.Peers.OfType<SelectorPeer>().Any() && r.Peers.OfType<IpBlockPeer>().Any()),
        ["unreadable peer"] = c => Peers<SelectorPeer>(c).Any(p => p.Pods is { Unreadable: true }),
        ["unreadable namespaces"] = c => Peers<SelectorPeer>(c).Any(p => p.Namespaces is { Unreadable: true }),
        ["namespace by name"] = c =>
            Peers<SelectorPeer>(c).Any(p => p.Namespaces?.Requirements.Any(r => r.Key == Namespace.NameLabel) == true),
        ["In"] = c => Requirements(c).Any(r => r is { Operator: LabelOperator.In, Values.Count: 2 }),
        ["NotIn"] = c => Requirements(c).Any(r => r.Operator == LabelOperator.NotIn),
        ["Exists"] = c => Requirements(c).Any(r => r.Operator == LabelOperator.Exists),
        ["DoesNotExist"] = c => Requirements(c).Any(r => r.Operator == LabelOperator.DoesNotExist),
        ["equals empty"] = c => Requirements(c).Any(r => r is { Operator: LabelOperator.In, Values: [""] }),
        ["key that no object has"] = c => Requirements(c).Any(r => r.Key == "unused"),

        // Blocks.
        ["0.0.0.0/0"] = c => Blocks(c).Any(b => b.Cidr == Cidr.Parse("0.0.0.0/0")),
        ["::/0"] = c => Blocks(c).Any(b => b.Cidr == Cidr.Parse("::/0")),
        ["::/1"] = c => Blocks(c).Any(b => b.Cidr == Cidr.Parse("::/1")),
        ["8000::/1"] = c => Blocks(c).Any(b => b.Cidr == Cidr.Parse("8000::/1")),
        ["one address"] = c => Blocks(c).Any(b => b.Cidr.PrefixLength == b.Cidr.Family.Bits()),
        ["block over a pod"] = c => Blocks(c).Any(b => c.Pods.Any(p => p.Addresses.Any(b.Contains))),
        ["block over a node"] = c => Blocks(c).Any(b => c.Nodes.Any(n => n.Addresses.Any(b.Contains))),
        ["pod in an exception"] = c =>
            Blocks(c)
                .Any(b =>
                    c.Pods.Any(p => p.Addresses.Any(a => b.Except.Any(e => e.Contains(a))))
                    && b.Except.All(b.Cidr.Contains)
                ),
        ["nested exceptions"] = c => Blocks(c).Any(b => b.Except.Any(e => b.Except.Any(f => f != e && e.Contains(f)))),
        ["same exception twice"] = c => Blocks(c).Any(b => b.Except.Distinct().Count() < b.Except.Count),
        ["exception at the block's end"] = c => Blocks(c).Any(b => b.Except.Any(e => e.Last == b.Cidr.Last)),
        ["exception equal to the block"] = c => Blocks(c).Any(b => b.Except.Contains(b.Cidr)),
        ["exception not in the block"] = c => Blocks(c).Any(b => b.Except.Any(e => !b.Cidr.Contains(e))),
        ["overlapping blocks in a rule"] = c =>
            Rules(c)
                .Any(r =>
                    r.Peers.OfType<IpBlockPeer>()
                        .Any(b => r.Peers.OfType<IpBlockPeer>().Any(d => d.Cidr != b.Cidr && b.Cidr.Contains(d.Cidr)))
                ),
        ["same block twice in a rule"] = c =>
            Rules(c).Any(r => r.Peers.OfType<IpBlockPeer>().GroupBy(b => b.Cidr).Any(g => g.Count() > 1)),
        ["excepted here, admitted there"] = c =>
            Rules(c)
                .Any(r =>
                    r.Peers.OfType<IpBlockPeer>()
                        .Any(b =>
                            b.Except.Any(e => r.Peers.OfType<IpBlockPeer>().Any(d => d != b && d.Contains(e.Network)))
                        )
                ),

        // Ports.
        ["whole protocol"] = c => Ports(c).Any(p => p.IsWholeProtocol && p.Protocol == Protocol.Tcp),
        ["whole UDP"] = c => Ports(c).Any(p => p.IsWholeProtocol && p.Protocol == Protocol.Udp),
        ["SCTP"] = c => Ports(c).Any(p => p.Protocol == Protocol.Sctp),
        ["number"] = c => Ports(c).Any(p => p.First is not null && p.First == p.Last),
        ["range"] = c => Ports(c).Any(p => p.Last > p.First),
        ["all ports as a range"] = c => Ports(c).Any(p => p is { First: 1, Last: 65535 }),
        ["port 65535"] = c => Ports(c).Any(p => p is { First: 65535, Last: 65535 }),
        ["overlapping ranges in a rule"] = c =>
            Rules(c)
                .Any(r =>
                    r.Ports.Any(p =>
                        r.Ports.Any(q => q != p && q.Protocol == p.Protocol && p.First <= q.First && q.First <= p.Last)
                    )
                ),
        ["same port twice in a rule"] = c => Rules(c).Any(r => r.Ports.Distinct().Count() < r.Ports.Count),
        ["name on ingress"] = c =>
            c.Policies.Any(p => p.IsolatesIngress && p.Ingress.Any(r => r.Ports.Any(q => q.Name is not null))),
        ["name on egress"] = c =>
            c.Policies.Any(p => p.IsolatesEgress && p.Egress.Any(r => r.Ports.Any(q => q.Name is not null))),
        ["name on egress to all"] = c =>
            c.Policies.Any(p =>
                p.IsolatesEgress && p.Egress.Any(r => r.Peers.IsEmpty && r.Ports.Any(q => q.Name is not null))
            ),
        ["name on egress to a block with pods"] = c =>
            c.Policies.Any(p =>
                p.IsolatesEgress
                && p.Egress.Any(r =>
                    r.Ports.Any(q =>
                        c.Pods.Any(d =>
                            d.IsEndpoint
                            && d.Ports.Any(e => e.Name is not null && e.Name == q.Name && e.Protocol == q.Protocol)
                            && r.Peers.OfType<IpBlockPeer>().Any(b => d.Addresses.Any(b.Contains))
                        )
                    )
                )
            ),
        ["name that no pod declares"] = c => Ports(c).Any(p => p.Name == "unused"),
        ["name of longest length"] = c => Ports(c).Any(p => p.Name?.Length == 15),
    };

    public static TheoryData<string> Corners => [.. s_corners.Keys];

    [Theory]
    [MemberData(nameof(Corners))]
    public void Generate_ManyClusters_IncludeTheCornerCase(string corner)
    {
        var hits = s_clusters.Value.Count(s_corners[corner]);
        Assert.True(hits >= 5, $"{hits} of {Clusters} clusters have: {corner}");
    }

    [Fact]
    public void Generate_FromTheSameSeed_IsTheSame()
    {
        Assert.Equal(ClusterGenerator.Generate(7, 20), ClusterGenerator.Generate(7, 20));
        Assert.NotEqual(ClusterGenerator.Generate(7), ClusterGenerator.Generate(8));
    }

    [Fact]
    public void Generate_WithoutUnreal_MakesValidPods()
    {
        var options = new GeneratorOptions { Unreal = false };
        foreach (
            var cluster in Enumerable.Range(1, 500).Select(seed => ClusterGenerator.Generate(seed, options: options))
        )
        {
            Assert.False(Contested(cluster.Pods.Where(static pod => !pod.HostNetwork)), cluster.ToString());
            Assert.All(cluster.Pods, pod =>
            {
                Assert.Contains(cluster.Nodes, node => node.Name == pod.NodeName);
                Assert.Contains(cluster.Namespaces, ns => ns.Name == pod.Key.Namespace);
                Assert.Equal(PodPhase.Running, pod.Phase);
                Assert.False(pod.Addresses.IsEmpty);
            });
        }
    }

    [Fact]
    public void Generate_ManyClusters_HaveVerdictsOfBothKindsInModerateNumbers()
    {
        long allowed = 0,
            all = 0,
            largest = 0;
        foreach (var cluster in s_clusters.Value.Take(200))
        {
            var state = cluster.ToState();
            var evaluator = new Evaluator(state);
            var classes = FlowClasses.Of(state);
            all += classes.Count;
            largest = Math.Max(largest, classes.Count);
            allowed += classes.All().Count(flow => evaluator.IsAllowed(flow));
        }

        TestContext.Current.SendDiagnosticMessage(
            $"{all / 200} flows a cluster, at most {largest}, {100 * allowed / all} % allowed"
        );

        // Nodes and unfenced pods allow; the rest has to be decided both ways.
        Assert.InRange(all - allowed, all / 5, all * 3 / 4);
        Assert.InRange(all / 200, 1000, 20000);
    }

    private static bool Contested(IEnumerable<Pod> pods) =>
        pods.SelectMany(static pod => pod.Addresses)
            .GroupBy(static address => address)
            .Any(static group => group.Count() > 1);

    private static IEnumerable<PolicyRule> Rules(ClusterCase cluster) =>
        cluster.Policies.SelectMany(static policy =>
            policy.RulesFor(Direction.Ingress).Concat(policy.RulesFor(Direction.Egress))
        );

    private static IEnumerable<T> Peers<T>(ClusterCase cluster) =>
        Rules(cluster).SelectMany(static rule => rule.Peers).OfType<T>();

    private static IEnumerable<IpBlockPeer> Blocks(ClusterCase cluster) => Peers<IpBlockPeer>(cluster);

    private static IEnumerable<PolicyPort> Ports(ClusterCase cluster) =>
        Rules(cluster).SelectMany(static rule => rule.Ports);

    private static IEnumerable<LabelRequirement> Requirements(ClusterCase cluster) =>
        Peers<SelectorPeer>(cluster)
            .SelectMany(static peer => new[] { peer.Namespaces, peer.Pods })
            .Concat(cluster.Policies.Select(static policy => policy.PodSelector))
            .SelectMany(static selector => selector?.Requirements ?? []);
}
