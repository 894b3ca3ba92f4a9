using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.Agent.Tests;

/// <summary>A node with pods that a policy isolates, as events; and what the kernel has to hold.</summary>
internal static class Sample
{
    public const string Node = "n1";

    public static DataplaneException NoMemory => new(DataplaneFailure.NoMemory, "no buffer space");

    /// <summary>The policy: nobody reaches a pod of the namespace, but pods with the label role=client.</summary>
    public static ClusterEvent Policy { get; } =
        new ObjectUpserted(
            ClusterObject.Of(
                new NetworkPolicy
                {
                    Key = new PolicyKey("default", "clients"),
                    IsolatesIngress = true,
                    Ingress =
                    [
                        new PolicyRule([new SelectorPeer(null, LabelSelector.MatchLabels(("role", "client")))], []),
                    ],
                }
            )
        );

    public static ClusterEvent Gone(int number) =>
        new ObjectRemoved(new ObjectReference(nameof(Pod), "default", $"pod{number}"));

    /// <summary>A running pod on the node.</summary>
    public static ClusterEvent Pod(int number, string role = "server") =>
        new ObjectUpserted(
            ClusterObject.Of(
                new Pod
                {
                    Key = new PodKey("default", $"pod{number}"),
                    Labels = LabelSet.Of(("role", role)),
                    NodeName = Node,
                    Addresses = [Address(number)],
                    Phase = PodPhase.Running,
                }
            )
        );

    public static IpAddress Address(int number) => IpAddress.Parse($"10.0.{number / 250}.{1 + (number % 250)}");

    /// <summary>The event of a generated change.</summary>
    public static ClusterEvent Event(ClusterChange change) =>
        change switch
        {
            PodChange { Key: var key, After: var pod } => Event(
                pod is null ? null : ClusterObject.Of(pod),
                new ObjectReference(nameof(Pod), key.Namespace, key.Name)
            ),
            PolicyChange { Key: var key, After: var policy } => Event(
                policy is null ? null : ClusterObject.Of(policy),
                new ObjectReference(nameof(NetworkPolicy), key.Namespace, key.Name)
            ),
            NamespaceChange { Name: var name, After: var item } => Event(
                item is null ? null : ClusterObject.Of(item),
                new ObjectReference(nameof(Namespace), null, name)
            ),
            NodeChange { Name: var name, After: var node } => Event(
                node is null ? null : ClusterObject.Of(node),
                new ObjectReference(nameof(Model.Node), null, name)
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "no event says this"),
        };

    /// <summary>
    /// How the kernel's table differs from what compiling the state from scratch asks for; empty when it does not.
    /// </summary>
    public static IReadOnlyList<string> Differences(
        FakeKernel kernel,
        ClusterState state,
        CompilerOptions? options = null
    ) => TableDiff.Describe(RulesetLowering.Lower(new NodeCompiler(state, Node, options).Snapshot()), kernel.Read());

    /// <summary>The same for the state that events lead to.</summary>
    public static IReadOnlyList<string> Differences(FakeKernel kernel, params IEnumerable<ClusterEvent> events)
    {
        var state = new ClusterState();
        foreach (var change in events)
        {
            state.Apply(change);
        }

        return Differences(kernel, state);
    }

    private static ClusterEvent Event(ClusterObject? after, ObjectReference reference) =>
        after is { } item ? new ObjectUpserted(item) : new ObjectRemoved(reference);
}
