using Podfence.Base;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>Random changes to a cluster, as a watch may report them, in a possible order.</summary>
internal sealed class ChangeGenerator(Rng rng, ObjectBuilder builder, RandomPolicies policies, GeneratorOptions options)
{
    private int _born;

    /// <summary>So many steps from here on. The state is moved along.</summary>
    public EquatableArray<ClusterChange> Sequence(ClusterState state, int steps)
    {
        builder.InUse = address => state.OwnerOf(address) is not null;
        var all = new List<ClusterChange>();
        for (var i = 0; i < steps; i++)
        {
            foreach (var change in Step(state))
            {
                change.Apply(state);
                all.Add(change);
            }
        }

        return all.ToEquatableArray();
    }

    private List<ClusterChange> Step(ClusterState state)
    {
        var pods = state.Pods.OrderBy(static pod => pod.Key).ToList();
        var nodes = state.Nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal).ToList();
        return rng.Weighted(8, 4, 6, 2) switch
        {
            0 => pods.Count > 0 ? ChangePod(rng.Pick(pods), pods, nodes) : [Birth(nodes)],
            1 => pods.Count < 2 * options.MaxPods ? [Birth(nodes)] : [Delete(rng.Pick(pods))],
            2 => ChangePolicy(state),
            _ => ChangeSurroundings(state),
        };
    }

    private PodChange Birth(List<Node> nodes)
    {
        var key = new PodKey(rng.Pick(builder.NamespaceNames), builder.ObjectName("born", _born++));
        return new PodChange(key, builder.NewPod(key, nodes), "create pod");
    }

    private static PodChange Delete(Pod pod) => new(pod.Key, null, "delete pod");

    private List<ClusterChange> ChangePod(Pod pod, List<Pod> pods, List<Node> nodes)
    {
        switch (rng.Weighted(5, 2, 2, 3, 3, 4, 2, 2, 2))
        {
            case 0:
                return [Put(pod with { Labels = builder.Labels("app", "tier") }, "relabel pod")];
            case 1 when options.Unreal:
                return [Put(pod with { Phase = rng.Pick(PodPhase.Succeeded, PodPhase.Failed) }, "finish pod")];
            case 2:
                return [Put(pod with { Terminating = !pod.Terminating }, "terminate pod")];
            case 3:
                return [Delete(pod)];
            case 4:
                // The same name again: a stateful set's pod that comes back, somewhere or with the old address.
                var again = builder.NewPod(pod.Key, nodes);
                return
                [
                    Delete(pod),
                    Put(
                        rng.Percent(40) && !pod.HostNetwork
                            ? again with
                            {
                                HostNetwork = false,
                                NodeName = pod.NodeName,
                                Addresses = pod.Addresses,
                            }
                            : again,
                        "re-create pod"
                    ),
                ];
            case 5 when options.Unreal && pods.Count > 1:
                return MoveAddresses(pod, rng.Pick(pods.Where(other => other.Key != pod.Key).ToList()));
            case 6:
                return
                [
                    Put(
                        pod with
                        {
                            Ports = Rng.Many(rng.Below(4), builder.NewContainerPort).ToEquatableArray(),
                        },
                        "change container ports"
                    ),
                ];
            case 7 when !pod.HostNetwork:
                return
                [
                    Put(
                        pod with
                        {
                            Addresses =
                                pod.Addresses.IsEmpty || !options.Unreal ? builder.NewAddresses(NodeNumber(pod)) : [],
                        },
                        "give or take addresses"
                    ),
                ];
            case 8 when options.Unreal:
                var node = $"n{rng.Between(1, builder.Names.NodeCount)}";
                return [Put(pod with { NodeName = node, Phase = PodPhase.Running }, "move to node")];
            default:
                return [Put(pod with { CreatedAt = pod.CreatedAt + 1 }, "change what policies do not read")];
        }
    }

    /// <summary>An address goes from one pod to another: the loser may end before, end after, or not at all.</summary>
    private List<ClusterChange> MoveAddresses(Pod loser, Pod winner)
    {
        if (loser.HostNetwork || winner.HostNetwork)
        {
            return [Put(winner with { Labels = loser.Labels }, "relabel pod")];
        }

        var gain = Put(winner with { Addresses = loser.Addresses }, "take another pod's addresses");
        return rng.Weighted(2, 2, 2, 1, 2) switch
        {
            0 => [Put(loser with { Addresses = [] }, "give addresses up"), gain],
            1 => [gain, Put(loser with { Addresses = [] }, "give addresses up late")],
            2 => [gain, Put(loser with { Phase = PodPhase.Succeeded }, "finish late")],
            3 => [gain],
            _ => [Put(loser with { Addresses = winner.Addresses }, "swap addresses"), gain],
        };
    }

    private List<ClusterChange> ChangePolicy(ClusterState state)
    {
        var all = state.Policies.OrderBy(static policy => policy.Key).ToList();
        if (all.Count == 0 || rng.Percent(30))
        {
            var key =
                all.Count >= 2 * options.MaxPolicies
                    ? rng.Pick(all).Key
                    : new PolicyKey(rng.Pick(builder.NamespaceNames), builder.ObjectName("added", _born++));
            return [Put(policies.NewPolicy(key, options.LargePolicies && rng.Percent(3)), "put policy")];
        }

        var policy = rng.Pick(all);
        return rng.Weighted(3, 2, 2, 2, 2, 1) switch
        {
            0 => [new PolicyChange(policy.Key, null, "delete policy")],
            1 => [Put(policy with { PodSelector = builder.PodSelector() }, "change subject")],
            2 =>
            [
                Put(
                    policy with
                    {
                        IsolatesIngress = policy.IsolatesEgress,
                        IsolatesEgress = policy.IsolatesIngress,
                    },
                    "swap directions"
                ),
            ],
            3 =>
            [
                Put(
                    policy with
                    {
                        Ingress = policy.Ingress.Append(policies.NewRule()).ToEquatableArray(),
                    },
                    "add ingress rule"
                ),
            ],
            4 => [Put(policy with { Egress = policy.Egress.Skip(1).ToEquatableArray() }, "take egress rule")],
            _ =>
            [
                new PolicyChange(policy.Key, null, "delete policy"),
                Put(policies.NewPolicy(policy.Key), "re-create policy"),
            ],
        };
    }

    private List<ClusterChange> ChangeSurroundings(ClusterState state)
    {
        var name = rng.Pick(builder.NamespaceNames);
        switch (rng.Weighted(5, 1, 1, 1))
        {
            case 1 when options.Unreal:
                return
                [
                    new NamespaceChange(
                        name,
                        state.Namespaces.ContainsKey(name) ? null : builder.NewNamespace(name),
                        "remove or add namespace"
                    ),
                ];
            case 2 when options.Unreal:
                var number = rng.Between(1, builder.Names.NodeCount);
                return
                [
                    new NodeChange(
                        $"n{number}",
                        state.Nodes.ContainsKey($"n{number}") ? null : builder.NewNode(number),
                        "remove or add node"
                    ),
                ];
            case 3 when options.Unreal:
                var changed = rng.Between(1, builder.Names.NodeCount);
                return [new NodeChange($"n{changed}", builder.NewNode(changed), "change node addresses")];
            default:
                return [new NamespaceChange(name, builder.NewNamespace(name), "relabel namespace")];
        }
    }

    /// <summary>The number in the name of the pod's node; 1 if the node is not one of the generated ones.</summary>
    private static int NodeNumber(Pod pod) =>
        pod.NodeName is ['n', var digit] && char.IsAsciiDigit(digit) ? digit - '0' : 1;

    private static PodChange Put(Pod pod, string what) => new(pod.Key, pod, what);

    private static PolicyChange Put(NetworkPolicy policy, string what) => new(policy.Key, policy, what);
}
