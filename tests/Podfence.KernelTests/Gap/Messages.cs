using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>Changes as messages to a node process.</summary>
internal static class Messages
{
    public static FenceMessage Of(ClusterChange change) =>
        change switch
        {
            PodChange pod => pod.After is { } after
                ? new FenceUpsert(ClusterObject.Of(after))
                : new FenceRemove(new ObjectReference(nameof(Pod), pod.Key.Namespace, pod.Key.Name)),
            PolicyChange policy => policy.After is { } after
                ? new FenceUpsert(ClusterObject.Of(after))
                : new FenceRemove(new ObjectReference(nameof(NetworkPolicy), policy.Key.Namespace, policy.Key.Name)),
            NamespaceChange space => space.After is { } after
                ? new FenceUpsert(ClusterObject.Of(after))
                : new FenceRemove(new ObjectReference(nameof(Namespace), null, space.Name)),
            NodeChange node => node.After is { } after
                ? new FenceUpsert(ClusterObject.Of(after))
                : new FenceRemove(new ObjectReference(nameof(Node), null, node.Name)),
            _ => throw new ArgumentException($"unknown change {change}", nameof(change)),
        };

    /// <summary>
    /// Whether an API server would accept the object: the generator also creates objects that only old servers
    /// accepted, which cannot be parsed.
    /// </summary>
    public static bool IsExpressible(ClusterChange change)
    {
        try
        {
            _ = FenceMessage.Parse(Of(change).ToLine());
            return true;
        }
        catch (LabException)
        {
            return false;
        }
    }
}
