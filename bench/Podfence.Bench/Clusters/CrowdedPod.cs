using Podfence.Compilation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Bench;

/// <summary>One pod that many policies select, no two of them alike.</summary>
/// <param name="Name">In what they differ.</param>
/// <param name="Id">The same for programs.</param>
/// <param name="Rule">The rule of the policy of a number.</param>
/// <param name="PortOf">A port that the rule admits.</param>
internal sealed record CrowdedPod(string Name, string Id, Func<int, PolicyRule> Rule, Func<int, int> PortOf)
{
    private const string Namespace = "crowded";
    private static readonly IpAddress s_pod = IpAddress.Parse("10.64.0.9");

    /// <summary>The ways of being distinct.</summary>
    public static IReadOnlyList<CrowdedPod> All { get; } =
    [
        new(
            "distinct peers, distinct ports",
            "peers-and-ports",
            static i => new PolicyRule([Peer(i)], [Tcp(20_000 + i)]),
            static i => 20_000 + i
        ),
        new("distinct peers, same port", "peers", static i => new PolicyRule([Peer(i)], [Tcp(8080)]), static _ => 8080),
        new(
            "distinct CIDRs, same port",
            "cidrs",
            static i => new PolicyRule([Block(i)], [Tcp(8080)]),
            static _ => 8080
        ),
        new(
            "distinct CIDRs, distinct ports",
            "cidrs-and-ports",
            static i => new PolicyRule([Block(i)], [Tcp(20_000 + i)]),
            static i => 20_000 + i
        ),
        new(
            "distinct peers, overlapping port ranges",
            "peers-and-ranges",
            static i => new PolicyRule([Peer(i)], [Tcp(20_000 + (3 * i), 20_200 + (7 * i))]),
            static i => 20_100 + (5 * i)
        ),
    ];

    /// <summary>The calls that each policy admits, and no other does; in an order without order.</summary>
    public IReadOnlyList<Call> Calls(int policies, Random random)
    {
        Call[] calls = [.. Enumerable.Range(0, policies).Select(i => new Call(AddressOf(i), s_pod, PortOf(i)))];
        random.Shuffle(calls);
        return calls;
    }

    /// <summary>The ruleset of the pod's node.</summary>
    public Ruleset Compile(int policies, CompilerOptions options)
    {
        var state = new ClusterState();
        state.Upsert(Model.Namespace.Create(Namespace));
        state.Upsert(PodOf("target", s_pod, ClusterShape.Node));
        for (var i = 0; i < policies; i++)
        {
            state.Upsert(PodOf($"peer-{i}", AddressOf(i), "node-1"));
            state.Upsert(
                new NetworkPolicy
                {
                    Key = new PolicyKey(Namespace, $"allow-{i}"),
                    PodSelector = LabelSelector.MatchLabels(("app", "target")),
                    IsolatesIngress = true,
                    Ingress = [Rule(i)],
                }
            );
        }

        return new NodeCompiler(state, ClusterShape.Node, options).Snapshot();
    }

    private static Pod PodOf(string name, IpAddress address, string node) =>
        new()
        {
            Key = new PodKey(Namespace, name),
            Labels = LabelSet.Of(("app", name)),
            NodeName = node,
            Addresses = [address],
            Phase = PodPhase.Running,
        };

    /// <summary>Every other address, so that blocks of one address never touch.</summary>
    private static IpAddress AddressOf(int i) => new(IpFamily.IPv4, 0x0A500000u + (2 * (uint)i));

    private static SelectorPeer Peer(int i) => new(null, LabelSelector.MatchLabels(("app", $"peer-{i}")));

    private static IpBlockPeer Block(int i) => new(new Cidr(AddressOf(i), 32), []);

    private static PolicyPort Tcp(int first, int? last = null) => new(Protocol.Tcp, first, last ?? first);
}
