using Podfence.Base;
using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// Whatever an API server takes, the kernel takes too: nothing valid is too long, too many or in each other's way.
/// </summary>
[Collection(Serial.Name)]
public sealed class SizeTests
{
    private const long MaxBytes = 3L << 30;

    [Theory]
    [InlineData(nameof(MaxNames))]
    [InlineData(nameof(EdgesOfTheSpace))]
    [InlineData(nameof(OverlappingBlocks))]
    [InlineData(nameof(ThousandBlocks))]
    [InlineData(nameof(ThousandPorts))]
    [InlineData(nameof(ThousandPeersByThousandPorts))]
    [InlineData(nameof(ThousandNamedPorts))]
    [InlineData(nameof(TenThousandLocalPods))]
    [InlineData(nameof(HundredThousandPeers))]
    [InlineData(nameof(MaxNames), DataplaneKind.IptablesNft)]
    [InlineData(nameof(EdgesOfTheSpace), DataplaneKind.IptablesNft)]
    [InlineData(nameof(OverlappingBlocks), DataplaneKind.IptablesNft)]
    [InlineData(nameof(ThousandBlocks), DataplaneKind.IptablesNft)]
    [InlineData(nameof(ThousandPorts), DataplaneKind.IptablesNft)]
    [InlineData(nameof(ThousandPeersByThousandPorts), DataplaneKind.IptablesNft)]
    [InlineData(nameof(ThousandNamedPorts), DataplaneKind.IptablesNft)]
    [InlineData(nameof(TenThousandLocalPods), DataplaneKind.IptablesNft)]
    [InlineData(nameof(HundredThousandPeers), DataplaneKind.IptablesNft)]
    [InlineData(nameof(MaxNames), DataplaneKind.IptablesLegacy)]
    [InlineData(nameof(EdgesOfTheSpace), DataplaneKind.IptablesLegacy)]
    [InlineData(nameof(OverlappingBlocks), DataplaneKind.IptablesLegacy)]
    [InlineData(nameof(ThousandBlocks), DataplaneKind.IptablesLegacy)]
    [InlineData(nameof(ThousandPorts), DataplaneKind.IptablesLegacy)]
    [InlineData(nameof(ThousandPeersByThousandPorts), DataplaneKind.IptablesLegacy)]
    [InlineData(nameof(ThousandNamedPorts), DataplaneKind.IptablesLegacy)]
    [InlineData(nameof(TenThousandLocalPods), DataplaneKind.IptablesLegacy)]
    [InlineData(nameof(HundredThousandPeers), DataplaneKind.IptablesLegacy)]
    public void Load_LargeOrOddCluster_IsInTheKernelAndChanges(
        string which,
        DataplaneKind kind = DataplaneKind.Nftables
    )
    {
        Root.Require();
        var (cluster, changes) = which switch
        {
            nameof(MaxNames) => MaxNames(),
            nameof(EdgesOfTheSpace) => EdgesOfTheSpace(),
            nameof(OverlappingBlocks) => OverlappingBlocks(),
            nameof(ThousandBlocks) => ThousandBlocks(),
            nameof(ThousandPorts) => ThousandPorts(),
            nameof(ThousandPeersByThousandPorts) => ThousandPeersByThousandPorts(),
            nameof(ThousandNamedPorts) => ThousandNamedPorts(),
            nameof(TenThousandLocalPods) => TenThousandLocalPods(),
            _ => HundredThousandPeers(),
        };
        using var netns = new PrivateNetns();
        using var dataplane = Dataplanes.Open(kind, new PrivateNamespace(netns));
        var state = cluster.ToState();
        var begin = TimeProvider.System.GetTimestamp();
        var compiler = new NodeCompiler(state, "n1");
        dataplane.Replace(compiler.Snapshot());
        var loaded = TimeProvider.System.GetElapsedTime(begin);

        Assert.Empty(dataplane.Verify(compiler.Snapshot()));
        var (slowest, commands) = (TimeSpan.Zero, 0);
        foreach (var change in changes)
        {
            begin = TimeProvider.System.GetTimestamp();
            change.Apply(state);
            dataplane.Apply(compiler.Flush());
            var took = TimeProvider.System.GetElapsedTime(begin);
            slowest = took > slowest ? took : slowest;
            commands++;
        }

        Assert.False(dataplane.MayHaveDrifted());
        Assert.Empty(dataplane.Verify(compiler.Snapshot()));

        // Another process takes it over as it is.
        using var next = Dataplanes.Open(kind, new PrivateNamespace(netns));
        next.Replace(compiler.Snapshot());
        Assert.Empty(next.Verify(new NodeCompiler(state, "n1").Snapshot()));
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) < MaxBytes);
        next.Cleanup();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{kind} {which}: loaded in {loaded.TotalMilliseconds:0} ms, slowest of {commands} changes "
                + $"{slowest.TotalMilliseconds:0} ms, {GC.GetTotalMemory(false) >> 20} MiB"
        );
    }

    /// <summary>
    /// Names as long as they come, and comments in which the limit falls into the middle of a character.
    /// </summary>
    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) MaxNames()
    {
        var space = new string('n', 63);
        var key = new string('k', 253) + "/" + new string('l', 63);
        var value = new string('v', 63);
        var pods = Enumerable
            .Range(0, 5)
            .Select(i =>
                Pod(new PodKey(space, new string((char)('a' + i), 253)), i + 2) with
                {
                    Labels = LabelSet.Of((key, value)),
                    Ports = [new ContainerPort(new string('p', 15), 80, Protocol.Tcp)],
                }
            )
            .ToList();
        var selector = LabelSelector.MatchLabels((key, value));
        var policies = Enumerable
            .Range(0, 40)
            .Select(i => new NetworkPolicy
            {
                // No server takes these characters in a name; a comment is cut all the same between them, at every
                // offset.
                Key = new PolicyKey(
                    space,
                    new string('x', i) + string.Concat(Enumerable.Repeat(i % 2 == 0 ? "ä" : "𝄞", (253 - i) / 4))
                ),
                PodSelector = selector,
                IsolatesIngress = true,
                IsolatesEgress = i % 3 == 0,
                Ingress =
                [
                    new PolicyRule(
                        [new SelectorPeer(selector, selector)],
                        [
                            new PolicyPort(Protocol.Tcp, Name: new string('p', 15)),
                            new PolicyPort(Protocol.Tcp, i + 1, i + 1),
                        ]
                    ),
                ],
                Egress =
                [
                    new PolicyRule([new SelectorPeer(null, selector)], [new PolicyPort(Protocol.Udp, i + 1, 60_000)]),
                ],
            })
            .ToList();
        return (
            Case(pods, policies, Namespace.Create(space, LabelSet.Of((key, value)))),
            [
                .. policies.Select(policy => new PolicyChange(policy.Key, null, "delete policy")),
                .. pods.Select(pod => new PodChange(pod.Key, null, "delete pod")),
            ]
        );
    }

    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) EdgesOfTheSpace()
    {
        (string Block, string[] Except)[] blocks =
        [
            ("0.0.0.0/0", []),
            ("::/0", []),
            ("0.0.0.0/1", []),
            ("128.0.0.0/1", []),
            ("::/1", []),
            ("8000::/1", []),
            ("0.0.0.0/32", []),
            ("255.255.255.255/32", []),
            ("::/128", []),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", []),
            ("0.0.0.0/0", ["0.0.0.0/1", "128.0.0.0/1"]),
            ("::/0", ["::/1", "8000::/1"]),
            ("0.0.0.0/0", ["0.0.0.0/32", "255.255.255.255/32"]),
            ("::/0", ["::/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"]),
            ("0.0.0.0/0", ["10.0.0.0/8"]),
            ("::/0", ["fc00::/7"]),
            ("10.0.0.0/24", ["10.0.0.0/25", "10.0.0.128/25"]),
            ("255.255.255.254/31", ["255.255.255.254/32"]),
            ("0.0.0.0/31", ["0.0.0.0/32"]),
        ];
        var policies = blocks
            .Select((block, i) => Blocks($"edge{i}", $"edge{i}", [Block(block.Block, block.Except)]))
            .Append(Blocks("all", null, [.. blocks.Select(block => Block(block.Block, block.Except))]))
            .ToList();
        var pods = Enumerable
            .Range(0, blocks.Length)
            .Select(i => Pod(new PodKey("default", $"edge{i}"), i + 2))
            .ToList();
        return (Case(pods, policies), policies.Select(policy => new PolicyChange(policy.Key, null, "delete policy")));
    }

    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) OverlappingBlocks()
    {
        var nested = IpFamilies.All.SelectMany(static family =>
            Enumerable
                .Range(0, family.Bits() + 1)
                .Select(length =>
                    (PolicyPeer)
                        new IpBlockPeer(
                            new Cidr(
                                IpAddress.Parse(family == IpFamily.IPv4 ? "10.20.30.40" : "fd00:20:30::40"),
                                length
                            ),
                            []
                        )
                )
        );
        var twice = nested
            .Concat([
                Block("192.0.2.0/24"),
                Block("192.0.2.0/24"),
                Block("192.0.2.128/25"),
                Block("192.0.3.0/24"),
                Block("192.0.2.0/23", "192.0.2.64/26"),
                Block("192.0.2.64/27"),
            ])
            .ToEquatableArray();
        return Changing(
            [Pod(new PodKey("default", "a"), 2)],
            Blocks("many", null, twice),
            Blocks("many", null, twice.Skip(1).Where(static (_, i) => i % 3 != 0).ToEquatableArray())
        );
    }

    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) ThousandBlocks()
    {
        var blocks = Enumerable
            .Range(0, 1_000)
            .Select<int, PolicyPeer>(static i =>
                i % 2 == 0
                    ? Block($"10.{i / 4}.{i % 4 * 64}.0/18")
                    : Block($"2001:db8:{i:x}::/{48 + (i % 16)}", $"2001:db8:{i:x}::/{64 + (i % 64)}")
            )
            .ToEquatableArray();
        return Changing(
            [Pod(new PodKey("default", "a"), 2)],
            Blocks("many", null, blocks),
            Blocks("many", null, blocks.Skip(500).ToEquatableArray())
        );
    }

    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) ThousandPorts()
    {
        var ports = Enumerable
            .Range(0, 1_000)
            .Select(static i => new PolicyPort(
                (i % 3) switch
                {
                    0 => Protocol.Tcp,
                    1 => Protocol.Udp,
                    _ => Protocol.Sctp,
                },
                (i * 64) + 1,
                (i * 64) + 1 + (i % 90)
            ))
            .ToEquatableArray();
        return Changing(
            [Pod(new PodKey("default", "a"), 2)],
            Rules("many", [], ports),
            Rules("many", [], ports.Skip(1).ToEquatableArray())
        );
    }

    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) ThousandPeersByThousandPorts()
    {
        var peers = Enumerable
            .Range(0, 1_000)
            .Select(static i =>
                i % 2 == 0
                    ? (PolicyPeer)Block($"172.{i / 250}.{i % 250}.0/24")
                    : new SelectorPeer(null, LabelSelector.MatchLabels(("app", $"peer{i}")))
            )
            .ToEquatableArray();
        var ports = Enumerable
            .Range(0, 1_000)
            .Select(static i => new PolicyPort(i % 2 == 0 ? Protocol.Tcp : Protocol.Udp, 1 + (i * 50), 1 + (i * 50)))
            .ToEquatableArray();
        var pods = Enumerable
            .Range(0, 200)
            .Select(static i => Pod(new PodKey("default", $"peer{(2 * i) + 1}"), i + 2))
            .ToList();
        return Changing(pods, Rules("many", peers, ports), Rules("many", peers, ports.Skip(1).ToEquatableArray()));
    }

    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) ThousandNamedPorts()
    {
        var names = Enumerable.Range(0, 1_000).Select(static i => $"port-{i}").ToList();
        var ports = names.Select(static name => new PolicyPort(Protocol.Tcp, Name: name)).ToEquatableArray();
        var pods = Enumerable
            .Range(0, 6)
            .Select(i =>
                Pod(new PodKey("default", $"pod{i}"), i + 2) with
                {
                    Ports = names
                        .Select((name, n) => new ContainerPort(name, 1 + ((n * 60) + i), Protocol.Tcp))
                        .ToEquatableArray(),
                }
            )
            .ToList();
        return Changing(pods, Rules("many", [], ports), Rules("many", [], ports.Skip(10).ToEquatableArray()));
    }

    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) TenThousandLocalPods()
    {
        var pods = Enumerable
            .Range(0, 10_000)
            .Select(static i => Pod(new PodKey("default", $"pod{i}"), i + 2))
            .ToList();
        return Changing(
            pods,
            Rules("many", [new SelectorPeer(null, LabelSelector.Everything)], [new PolicyPort(Protocol.Tcp, 80, 80)]),
            Rules("many", [], [new PolicyPort(Protocol.Tcp, 80, 90)])
        );
    }

    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) HundredThousandPeers()
    {
        var pods = Enumerable
            .Range(0, 100_000)
            .Select(static i =>
                Pod(new PodKey($"ns{i % 100}", $"pod{i}"), i + 2) with
                {
                    NodeName = i == 0 ? "n1" : "n2",
                }
            )
            .Append(Pod(new PodKey("default", "a"), 100_003))
            .ToList();
        var policy = Rules(
            "many",
            [new SelectorPeer(LabelSelector.Everything, null)],
            [new PolicyPort(Protocol.Tcp, 80, 80)]
        );
        return Changing(pods, policy, policy with { IsolatesEgress = true, Egress = policy.Ingress });
    }

    /// <summary>
    /// A policy that is added, changed and removed, and a pod that it selects or matches that is removed and added.
    /// </summary>
    private static (ClusterCase Cluster, IEnumerable<ClusterChange> Changes) Changing(
        List<Pod> pods,
        NetworkPolicy policy,
        NetworkPolicy other
    ) =>
        (
            Case(pods, [policy]),
            [
                new PodChange(pods[^1].Key, null, "delete pod"),
                new PodChange(pods[^1].Key, pods[^1], "create pod"),
                new PodChange(pods[0].Key, pods[0] with { Labels = LabelSet.Of(("app", "other")) }, "relabel pod"),
                new PolicyChange(policy.Key, other, "change policy"),
                new PolicyChange(policy.Key, null, "delete policy"),
                new PolicyChange(policy.Key, policy, "create policy"),
            ]
        );

    private static ClusterCase Case(List<Pod> pods, List<NetworkPolicy> policies, params Namespace[] more) =>
        new()
        {
            Nodes = TwoNodeCluster.Cluster.Nodes,
            Namespaces =
            [
                .. pods.Select(static pod => pod.Key.Namespace)
                    .Append("default")
                    .Distinct()
                    .Where(name => more.All(space => space.Name != name))
                    .Select(static name => Namespace.Create(name)),
                .. more,
            ],
            Pods = pods.ToEquatableArray(),
            Policies = policies.ToEquatableArray(),
        };

    private static Pod Pod(PodKey key, int number) =>
        new()
        {
            Key = key,
            Labels = LabelSet.Of(("app", key.Name[..Math.Min(63, key.Name.Length)])),
            NodeName = "n1",
            Phase = PodPhase.Running,
            Addresses =
            [
                new IpAddress(IpFamily.IPv4, 0x0AF40000u + (uint)number),
                IpAddress.Parse($"fd00:244:1::{number >> 16:x}:{number & 0xffff:x}"),
            ],
            Ports = [new ContainerPort("main", 80, Protocol.Tcp)],
        };

    private static NetworkPolicy Blocks(string name, string? app, EquatableArray<PolicyPeer> blocks) =>
        Rules(name, blocks, [new PolicyPort(Protocol.Tcp, 80, 80)]) with
        {
            PodSelector = app is null ? LabelSelector.Everything : LabelSelector.MatchLabels(("app", app)),
            IsolatesEgress = true,
            Egress = [new PolicyRule(blocks, [])],
        };

    private static NetworkPolicy Rules(
        string name,
        EquatableArray<PolicyPeer> peers,
        EquatableArray<PolicyPort> ports
    ) =>
        new()
        {
            Key = new PolicyKey("default", name),
            IsolatesIngress = true,
            Ingress = [new PolicyRule(peers, ports)],
        };

    private static IpBlockPeer Block(string cidr, params string[] except) =>
        new(Cidr.Parse(cidr), except.Select(Cidr.Parse).ToEquatableArray());
}
