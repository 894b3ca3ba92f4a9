using System.Diagnostics;
using System.Globalization;
using Podfence.Analysis;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>The matrix of a large cluster: by classes of pods, against one evaluation per pair.</summary>
internal static class MatrixSection
{
    public const string Id = "matrix";

    private const int SampledPairs = 20_000;

    private static readonly (string Name, GroupBy By)[] s_groupings =
    [
        ("namespaces", GroupBy.Namespace),
        ("workloads", GroupBy.Workload),
        ("single pods", GroupBy.Pod),
    ];

    public static Section Run(BenchOptions options)
    {
        var town = new MatrixTown();
        var pairs = (double)town.Pods * (town.Pods - 1) * IpFamilies.All.Count;
        var section = new Section(Id, "The reachability matrix, by classes and pair by pair")
        {
            Text = $"""
                `podfence matrix` of {Text.Count(town.Pods)} pods on dual stack and {Text.Count(
                    town.Policies
                )} policies: everything from the policies to the last cell,
                without printing it. *Pair by pair* asks the same for single pairs of pods, all ports of a pair at once (as `explain`
                does), or one port with the evaluator: {Text.Count(
                    SampledPairs
                )} random pairs in each round, multiplied to all
                {Text.Count(
                    pairs
                )}. Processor time of one thread; ratios are taken round by round. Memory is the peak of a separate
                process beyond what it had with the cluster loaded.
                """,
        };
        var rounds = options.Rounds(7, 3);
        var classes = s_groupings.Select(static _ => new Samples()).ToArray();
        var (reach, evaluator) = (new Samples(), new Samples());
        for (var round = -1; round < rounds; round++)
        {
            var byClass = Array.ConvertAll(s_groupings, grouping => town.Matrix(grouping.By).Seconds);
            var byReach = town.PairByPair(SampledPairs, round, isEvaluator: false) * pairs / SampledPairs;
            var byEvaluator = town.PairByPair(SampledPairs, round, isEvaluator: true) * pairs / SampledPairs;
            if (round >= 0)
            {
                for (var i = 0; i < classes.Length; i++)
                {
                    classes[i].Add(byClass[i]);
                }

                reach.Add(byReach);
                evaluator.Add(byEvaluator);
            }
        }

        var table = new Table([
            "grouped by",
            "groups",
            "classes",
            "time",
            "pair by pair, all ports : this",
            "pair by pair, one port, evaluator : this",
            "additional memory",
        ]);
        for (var i = 0; i < s_groupings.Length; i++)
        {
            var (name, by) = s_groupings[i];
            var (_, groups, count) = town.Matrix(by);
            var against = new Samples(reach.Values.Zip(classes[i].Values, static (slow, quick) => slow / quick));
            var againstEvaluator = new Samples(
                evaluator.Values.Zip(classes[i].Values, static (slow, quick) => slow / quick)
            );
            var memory = new Samples(Enumerable.Range(0, options.Rounds(3, 1)).Select(_ => Memory(by)));
            table.Add(
                name,
                Text.Count(groups),
                Text.Count(count),
                Text.Milliseconds(new(classes[i].Values.Select(static seconds => seconds * 1e3))),
                $"**{Text.Significant(against.Median)}** ×",
                $"**{Text.Significant(againstEvaluator.Median)}** ×",
                Text.Bytes(memory.Median)
            );
            section.Figures.Add(
                Figure.Of($"{by}/seconds", $"matrix of 10,000 pods by {name}, s", classes[i], "s", Aim.Most(10))
            );
            section.Figures.Add(Figure.Of($"{by}/cheaper", $"matrix by {name}: pair by pair : classes", against, ""));
            section.Figures.Add(
                Figure.Of($"{by}/memory", $"matrix by {name}: memory beyond the cluster's", memory, "B")
            );
        }

        section.Tables.Add(table);
        return section;
    }

    private static double Memory(GroupBy by)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        info.ArgumentList.Add(MatrixTown.Verb);
        info.ArgumentList.Add(by.ToString());
        using var process = Process.Start(info) ?? throw new BenchException("the memory benchmark did not start");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? double.Parse(output, CultureInfo.InvariantCulture)
            : throw new BenchException($"the memory benchmark ended with {process.ExitCode}");
    }
}

/// <summary>
/// The cluster that matrices are made of: the usual one, with as many policies again, each of which lets a workload of
/// another namespace in.
/// </summary>
internal sealed class MatrixTown
{
    public const string Verb = "matrix-child";

    private const int AllPods = 10_000;

    private readonly Cluster _cluster;
    private readonly List<Pod> _pods;

    public MatrixTown()
    {
        var shape = new ClusterShape(AllPods, 100, 99);
        var state = new ClusterState();
        foreach (var item in shape.Objects())
        {
            // As the reader of manifests fills it in from the owner's name.
            state.Upsert(
                item.Pod is { } pod && pod.Labels["pod-template-hash"] is { } hash
                    ? ClusterObject.Of(
                        pod with
                        {
                            Workload = WorkloadRef.OfController(
                                "ReplicaSet",
                                $"{pod.Labels["app"]}-{hash}",
                                pod.Labels
                            ),
                        }
                    )
                    : item
            );
        }

        foreach (
            var (home, index) in shape
                .NamespaceObjects()
                .Select(static item => item.Namespace!.Name)
                .Take(shape.Namespaces)
                .Select(static (name, i) => (name, i))
        )
        {
            for (var i = 0; i < ClusterShape.PoliciesPerNamespace; i++)
            {
                var peer = new SelectorPeer(
                    LabelSelector.MatchLabels(("team", $"team-{(index + i) % 10}")),
                    LabelSelector.MatchLabels(("app", $"app-{(i + 3) % 10}"))
                );
                state.Upsert(
                    new NetworkPolicy
                    {
                        Key = new(home, $"guest-{i}"),
                        PodSelector = LabelSelector.MatchLabels(("app", $"app-{i}")),
                        IsolatesIngress = true,
                        Ingress = [new PolicyRule([peer], [new PolicyPort(Protocol.Tcp, 9000 + i, 9000 + i)])],
                    }
                );
            }
        }

        _cluster = Cluster.Complete(new(state, [], []));
        _pods = [.. state.Pods.OrderBy(static pod => pod.Key)];
        Policies = state.Policies.Count();
    }

    public int Pods => _pods.Count;

    public int Policies { get; }

    /// <summary>In a process of its own: the bytes at the peak beyond the cluster's.</summary>
    public static long Measure(string by)
    {
        var town = new MatrixTown();
        var before = ProcessMemory.Resident();
        town.Matrix(Enum.Parse<GroupBy>(by));
        return Math.Max(0, ProcessMemory.Peak() - before);
    }

    /// <summary>A whole matrix, and the processor time that it took.</summary>
    public (double Seconds, int Groups, int Classes) Matrix(GroupBy by)
    {
        var clock = Stopclock.Start();
        var matrix = ReachMatrix.Of(_cluster, new() { GroupBy = by });
        for (var from = 0; from < matrix.Groups.Count; from++)
        {
            matrix.Row(from);
        }

        return (clock.CpuSeconds, matrix.Groups.Count, matrix.Classes);
    }

    /// <summary>The processor time for some pairs drawn at random.</summary>
    public double PairByPair(int count, int seed, bool isEvaluator)
    {
        var dice = new Random(seed);
        var drawn = Enumerable
            .Range(0, count)
            .Select(_ =>
                (
                    From: _pods[dice.Next(_pods.Count)],
                    To: _pods[dice.Next(_pods.Count)],
                    Family: IpFamilies.All[dice.Next(2)]
                )
            )
            .ToList();
        var reach = new PortReach(_cluster);
        _pods.ForEach(pod => _ = (reach.Isolating(pod, Direction.Ingress), reach.Isolating(pod, Direction.Egress)));
        var clock = Stopclock.Start();
        foreach (var (from, to, family) in drawn)
        {
            var (source, destination) = (from.AddressOf(family)!.Value, to.AddressOf(family)!.Value);
            _ = isEvaluator
                ? _cluster.Evaluator.IsAllowed(
                    new Flow(
                        FlowEndpoint.Of(from, source),
                        FlowEndpoint.Of(to, destination),
                        Protocol.Tcp,
                        ClusterShape.Port
                    )
                )
                : reach
                    .Between(
                        ReachEndpoint.Of(_cluster.State, from, source),
                        ReachEndpoint.Of(_cluster.State, to, destination)
                    )
                    .IsAll;
        }

        return clock.CpuSeconds;
    }
}
