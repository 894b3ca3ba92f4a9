using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>Changes in the words that a fence is told them in.</summary>
internal static class Messages
{
    public static FenceMessage Of(ClusterChange change) => change switch
    {
        PodChange pod => pod.After is { } after ? new FenceUpsert(ClusterObject.Of(after)) : new FenceRemove(new ObjectReference(nameof(Pod), pod.Key.Namespace, pod.Key.Name)),
        PolicyChange policy => policy.After is { } after ? new FenceUpsert(ClusterObject.Of(after)) : new FenceRemove(new ObjectReference(nameof(NetworkPolicy), policy.Key.Namespace, policy.Key.Name)),
        NamespaceChange space => space.After is { } after ? new FenceUpsert(ClusterObject.Of(after)) : new FenceRemove(new ObjectReference(nameof(Namespace), null, space.Name)),
        NodeChange node => node.After is { } after ? new FenceUpsert(ClusterObject.Of(after)) : new FenceRemove(new ObjectReference(nameof(Node), null, node.Name)),
        _ => throw new ArgumentException($"unknown change {change}", nameof(change)),
    };

    /// <summary>Whether an API server would take the object: the generator also makes what only old servers took, which no text can say.</summary>
    public static bool CanBeTold(ClusterChange change)
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
