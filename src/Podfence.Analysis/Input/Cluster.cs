using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// A cluster in which every pod can be asked about: pods that workloads stand for are in, and what has no address has an invented one.
/// Belongs to one thread, as its state does.
/// </summary>
public sealed class Cluster
{
    private readonly HashSet<IpAddress> _invented;

    private Cluster(ClusterInput input, HashSet<IpAddress> invented, EvaluatorOptions? options)
    {
        Input = input;
        State = input.State;
        _invented = invented;
        Evaluator = new Evaluator(State, options);
    }

    /// <summary>What the cluster was made of. Its state is <see cref="State"/>, in which nothing is open any more.</summary>
    public ClusterInput Input { get; }

    /// <summary>Everything there is. Pods that stand for a workload have a name with a slash in it, which no other pod can have: <c>deployment/web</c>.</summary>
    public ClusterState State { get; }

    /// <summary>Answers for single flows.</summary>
    public Evaluator Evaluator { get; }

    /// <summary>Fills in what the source leaves open, the same for the same input.</summary>
    public static Cluster Complete(ClusterInput input, EvaluatorOptions? options = null)
    {
        WorkloadPods.AddTo(input.State, input.Workloads);
        return new(input, PlaceholderIps.AddTo(input.State), options);
    }

    /// <summary>Whether the address was invented: it is to be judged by, and not to be shown.</summary>
    public bool IsInvented(IpAddress address) => _invented.Contains(address);

    /// <summary>Whether the pod stands for a workload that has no pod in the input.</summary>
    public static bool StandsForWorkload(PodKey pod) => pod.Name.Contains('/', StringComparison.Ordinal);

    /// <summary>What people take as one: the pod's workload, <c>shop/deployment/web</c>, or the pod itself.</summary>
    public static string GroupOf(Pod pod) => pod.Workload is { } workload ? $"{pod.Key.Namespace}/{workload}" : pod.Key.ToString();
}
