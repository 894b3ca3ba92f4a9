using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// An object that exceeds the size limit, of which only the beginning was kept. A policy is replaced by one that
/// isolates every pod of its namespace: to leave it out would allow what it denies.
/// </summary>
internal sealed record OversizedObject(ObjectReference? Reference, ClusterObject? Policy, Diagnostic Diagnostic)
{
    public static OversizedObject Read(string kind, ReadOnlySpan<byte> beginning, out string? version)
    {
        var reference = ApiObjectReader.ReadReference(kind, beginning, out version);
        ClusterObject? policy = reference is { Kind: nameof(NetworkPolicy) } named ? IsolateNamespace(named) : null;
        return new OversizedObject(reference, policy, Describe(reference, isPolicy: policy is not null));
    }

    public static Diagnostic Describe(ObjectReference? reference, bool isPolicy)
    {
        var remedy = isPolicy ? "it isolates every pod of its namespace; make it shorter" : "make it shorter";
        return new(DiagnosticSeverity.Warning, default, reference, null, "the object exceeds the size limit", remedy);
    }

    private static ClusterObject IsolateNamespace(ObjectReference reference) =>
        ClusterObject.Of(
            new NetworkPolicy
            {
                Key = new PolicyKey(reference.Namespace!, reference.Name),
                PodSelector = new LabelSelector { Unreadable = true },
                IsolatesIngress = true,
                IsolatesEgress = true,
            }
        );
}
