using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>What stands for a policy of which nothing but the name can be read: it isolates its namespace, because leaving it out would open what it closes.</summary>
internal static class ClosedPolicy
{
    public static ClusterObject Of(ObjectReference reference) => ClusterObject.Of(new NetworkPolicy
    {
        Key = new PolicyKey(reference.Namespace!, reference.Name),
        PodSelector = new LabelSelector { Unreadable = true },
        IsolatesIngress = true,
        IsolatesEgress = true,
    });
}
