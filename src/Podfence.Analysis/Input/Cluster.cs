using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// A cluster that can be evaluated: it has the pods that workloads stand for, and placeholder IPs for what has no
/// address.
/// Belongs to one thread, as its state does.
/// </summary>
public sealed class Cluster
{
    private readonly HashSet<IpAddress> _placeholders;

    private Cluster(ClusterInput input, HashSet<IpAddress> placeholders, EvaluatorOptions? options)
    {
        Input = input;
        State = input.State;
        _placeholders = placeholders;
        Evaluator = new Evaluator(State, options);
    }

    /// <summary>What the cluster was made of. Its state is <see cref="State"/>, completed.</summary>
    public ClusterInput Input { get; }

    /// <summary>
    /// The completed state. Pods that stand for a workload have a name with a slash in it, which no other pod can have:
    /// <c>deployment/web</c>.
    /// </summary>
    public ClusterState State { get; }

    /// <summary>Evaluates single flows.</summary>
    public Evaluator Evaluator { get; }

    /// <summary>Adds pods and placeholders, the same for the same input.</summary>
    public static Cluster Complete(ClusterInput input, EvaluatorOptions? options = null)
    {
        WorkloadPods.AddTo(input.State, input.Workloads);
        return new(input, PlaceholderIps.AddTo(input.State), options);
    }

    /// <summary>Whether the address is a placeholder: used for evaluation, never shown.</summary>
    public bool IsPlaceholder(IpAddress address) => _placeholders.Contains(address);

    /// <summary>Whether the pod stands for a workload that has no pod in the input.</summary>
    public static bool StandsForWorkload(PodKey pod) => pod.Name.Contains('/', StringComparison.Ordinal);

    /// <summary>The group of a pod: its workload, <c>shop/deployment/web</c>, or the pod itself.</summary>
    public static string GroupOf(Pod pod) =>
        pod.Workload is { } workload ? $"{pod.Key.Namespace}/{workload}" : pod.Key.ToString();
}
