using Podfence.Model;

namespace Podfence.Bench;

/// <summary>
/// A node with pods and policies in the numbers that are asked for, such that rules by pair can be counted: each policy
/// selects one pod of the node and admits the pods of one group, on one port. Policies take the pods in turn, and a
/// pod's policies the groups.
/// </summary>
/// <param name="Policies">Policies, all of them of pods on this node.</param>
/// <param name="Pods">Pods on the node.</param>
internal sealed record PolicyLoad(int Policies, int Pods)
{
    /// <summary>The port of every pod.</summary>
    public const int Port = 8080;

    private const string Namespace = "bench";
    private const int Groups = 100;
    private const int PeersPerGroup = 5;
    private const string NewPeer = "10.128.255.1";

    /// <summary>A pod that comes and goes, of the group that the first policies admit.</summary>
    public static Pod Newcomer { get; } = Peer("newcomer", 0, IpAddress.Parse(NewPeer));

    /// <summary>A policy that comes and goes, of the first pod.</summary>
    public static NetworkPolicy NewPolicy { get; } = Policy("newcomer", 0, 7, 9090);

    /// <summary>Who is meant by a policy, for rules by pair.</summary>
    public static (IpAddress Pod, int Group) Meaning(int policy, int pods) =>
        (PodAddress(policy % pods), policy / pods % Groups);

    /// <summary>The addresses of a group.</summary>
    public static IEnumerable<IpAddress> Members(int group) =>
        Enumerable.Range(0, PeersPerGroup).Select(number => PeerAddress(group, number));

    /// <summary>The node's cluster.</summary>
    public ClusterState ToState()
    {
        var state = new ClusterState();
        state.Upsert(Model.Namespace.Create(Namespace));
        for (var pod = 0; pod < Pods; pod++)
        {
            state.Upsert(PodOf($"pod-{pod}", ClusterShape.Node, PodAddress(pod), ("app", $"app-{pod}")));
        }

        for (var group = 0; group < Groups; group++)
        {
            for (var number = 0; number < PeersPerGroup; number++)
            {
                state.Upsert(Peer($"peer-{group}-{number}", group, PeerAddress(group, number)));
            }
        }

        for (var policy = 0; policy < Policies; policy++)
        {
            state.Upsert(Policy($"policy-{policy}", policy % Pods, policy / Pods % Groups, Port));
        }

        return state;
    }

    /// <summary>Calls that some policy admits, spread evenly over all of them, in an order without order.</summary>
    public IReadOnlyList<Call> Calls(int most)
    {
        var random = new Random(3);
        var calls = Enumerable
            .Range(0, most)
            .Select(_ => Meaning(random.Next(Policies), Pods))
            .Select(meant => new Call(PeerAddress(meant.Group, random.Next(PeersPerGroup)), meant.Pod, Port))
            .ToArray();
        return calls;
    }

    private static IpAddress PodAddress(int number) => new(IpFamily.IPv4, ClusterShape.LocalAddress(number));

    private static IpAddress PeerAddress(int group, int number) =>
        new(IpFamily.IPv4, 0x0A800001u + (uint)((group * 256) + number));

    private static Pod Peer(string name, int group, IpAddress address) =>
        PodOf(name, "node-1", address, ("group", $"group-{group}"));

    private static Pod PodOf(string name, string node, IpAddress address, (string, string) label) =>
        new()
        {
            Key = new PodKey(Namespace, name),
            Labels = LabelSet.Of(label),
            NodeName = node,
            Addresses = [address],
            Phase = PodPhase.Running,
        };

    private static NetworkPolicy Policy(string name, int pod, int group, int port) =>
        new()
        {
            Key = new PolicyKey(Namespace, name),
            PodSelector = LabelSelector.MatchLabels(("app", $"app-{pod}")),
            IsolatesIngress = true,
            Ingress =
            [
                new PolicyRule(
                    [new SelectorPeer(null, LabelSelector.MatchLabels(("group", $"group-{group}")))],
                    [new PolicyPort(Protocol.Tcp, port, port)]
                ),
            ],
        };
}
