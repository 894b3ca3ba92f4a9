using Podfence.Base;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>Random clusters: a seed makes one, always the same.</summary>
public static class ClusterGenerator
{
    /// <summary>A cluster, with so many steps of change to follow (a step may be several changes).</summary>
    public static ClusterCase Generate(long seed, int steps = 0, GeneratorOptions? options = null)
    {
        options ??= new GeneratorOptions();
        var rng = new Rng(seed);
        var builder = new ObjectBuilder(rng, options);
        var policies = new RandomPolicies(rng, builder);
        var nodes = Enumerable.Range(1, builder.Names.NodeCount).Select(builder.NewNode).ToList();
        var made = new ClusterCase
        {
            Namespaces = builder.NamespaceNames.Select(builder.NewNamespace).ToEquatableArray(),
            Pods = Pods(rng, builder, options, nodes),
            Policies = Policies(rng, builder, policies, options),
        };
        made = made with
        {
            Nodes = nodes.Where(_ => !options.Unreal || !rng.Percent(4)).ToEquatableArray(),
            Namespaces = made.Namespaces.Where(_ => !options.Unreal || !rng.Percent(4)).ToEquatableArray(),
        };
        return steps == 0
            ? made
            : made with
            {
                Changes = new ChangeGenerator(rng, builder, policies, options).Sequence(made.ToState(), steps),
            };
    }

    private static EquatableArray<Pod> Pods(Rng rng, ObjectBuilder builder, GeneratorOptions options, List<Node> nodes)
    {
        var count = rng.Between(1, options.MaxPods);
        return Enumerable
            .Range(0, count)
            .Select(i =>
                builder.NewPod(new PodKey(rng.Pick(builder.NamespaceNames), builder.ObjectName("pod", i)), nodes)
            )
            .ToEquatableArray();
    }

    private static EquatableArray<NetworkPolicy> Policies(
        Rng rng,
        ObjectBuilder builder,
        RandomPolicies policies,
        GeneratorOptions options
    )
    {
        var count = rng.Percent(4) ? 0 : rng.Between(1, options.MaxPolicies);
        var large = options.LargePolicies && rng.Percent(8);
        return Enumerable
            .Range(0, count)
            .Select(i =>
                policies.NewPolicy(
                    new PolicyKey(rng.Pick(builder.NamespaceNames), builder.ObjectName("policy", i)),
                    large && i == 0
                )
            )
            .ToEquatableArray();
    }
}
