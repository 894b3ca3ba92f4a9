using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>A change of one object, and the way back.</summary>
/// <param name="Id">For programs.</param>
/// <param name="Name">For people.</param>
/// <param name="IsOfPod">Whether the object is a pod, which is what the aims are about.</param>
/// <param name="Prepare">Makes the two alternatives for the n-th change, before the clock runs.</param>
internal sealed record OneChange(
    string Id,
    string Name,
    bool IsOfPod,
    Func<LiveNode, int, (Action There, Action Back)> Prepare
)
{
    /// <summary>Kinds of change, from the cheapest.</summary>
    public static IReadOnlyList<OneChange> All { get; } =
    [new("elsewhere", "a pod is added in a namespace without pods on this node", true, static (node, n) =>
        {
            var pod = ClusterShape.NewPod("elsewhere", 3, "new", "node-1", 0x0AF00000u + (uint)n);
            return (() => node.State.Upsert(pod), () => node.State.RemovePod(pod.Key));
        }), new("peer-relabelled", "a pod of another node is relabelled, and enters peer sets", true, static (node, n) =>
        {
            var pod = node.Shape.CallerOf(LocalIndex(node, n));
            var other = pod with { Labels = pod.Labels.With("app", "app-none") };
            // The way there takes it out; both ways are changes of the same size.
            return (() => node.State.Upsert(other), () => node.State.Upsert(pod));
        }), new("local-pod", "a pod of a known workload is added on this node", true, static (node, n) =>
        {
            var like = node.Shape.PodOf(LocalIndex(node, n));
            var pod = ClusterShape.NewPod(
                like.Key.Namespace,
                int.Parse(like.Labels["app"]!.AsSpan(4)),
                "new",
                ClusterShape.Node,
                ClusterShape.LocalAddress(250)
            );
            return (() => node.State.Upsert(pod), () => node.State.RemovePod(pod.Key));
        }), new("first-pod", "the first pod of a namespace is added on this node, with new fences and sets", true, static (node, n) =>
        {
            var pod = ClusterShape.NewPod(
                node.Shape.ForeignNamespace,
                n % 10,
                "new",
                ClusterShape.Node,
                ClusterShape.LocalAddress(251)
            );
            return (() => node.State.Upsert(pod), () => node.State.RemovePod(pod.Key));
        }), new("policy", "a policy of a local pod allows one more port", false, static (node, n) =>
        {
            var like = node.Shape.PodOf(LocalIndex(node, n));
            var workload = int.Parse(like.Labels["app"]!.AsSpan(4)) / 2 * 2;
            var workloads = $"app-{workload}-and-{workload + 1}";
            var policy = node.State.FindPolicy(new PolicyKey(like.Key.Namespace, workloads))!;
            var wider = policy with
            {
                Ingress =
                [
                    policy.Ingress[0] with
                    {
                        Ports = [.. policy.Ingress[0].Ports, new PolicyPort(Protocol.Tcp, 9999, 9999)],
                    },
                ],
            };
            return (() => node.State.Upsert(wider), () => node.State.Upsert(policy));
        })];

    private static int LocalIndex(LiveNode node, int n) =>
        node.Shape.LocalIndexes().ElementAt(n * 7 % node.Shape.LocalPods);
}
