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
        var dice = new Dice(seed);
        var forge = new Forge(dice, options);
        var policies = new PolicyForge(dice, forge);
        var nodes = Enumerable.Range(1, forge.Words.NodeCount).Select(forge.NewNode).ToList();
        var made = new ClusterCase
        {
            Namespaces = forge.NamespaceNames.Select(forge.NewNamespace).ToEquatableArray(),
            Pods = Pods(dice, forge, options, nodes),
            Policies = Policies(dice, forge, policies, options),
        };
        made = made with
        {
            Nodes = nodes.Where(_ => !options.Unreal || !dice.Percent(4)).ToEquatableArray(),
            Namespaces = made.Namespaces.Where(_ => !options.Unreal || !dice.Percent(4)).ToEquatableArray(),
        };
        return steps == 0 ? made : made with { Changes = new ChangeGenerator(dice, forge, policies, options).Sequence(made.ToState(), steps) };
    }

    private static EquatableArray<Pod> Pods(Dice dice, Forge forge, GeneratorOptions options, List<Node> nodes)
    {
        var count = dice.Between(1, options.MaxPods);
        return Enumerable.Range(0, count)
            .Select(i => forge.NewPod(new PodKey(dice.Pick(forge.NamespaceNames), forge.ObjectName("pod", i)), nodes))
            .ToEquatableArray();
    }

    private static EquatableArray<NetworkPolicy> Policies(Dice dice, Forge forge, PolicyForge policies, GeneratorOptions options)
    {
        var count = dice.Percent(4) ? 0 : dice.Between(1, options.MaxPolicies);
        var large = options.LargePolicies && dice.Percent(8);
        return Enumerable.Range(0, count)
            .Select(i => policies.NewPolicy(new PolicyKey(dice.Pick(forge.NamespaceNames), forge.ObjectName("policy", i)), large && i == 0))
            .ToEquatableArray();
    }
}
