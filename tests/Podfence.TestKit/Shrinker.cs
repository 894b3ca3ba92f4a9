using Podfence.Base;
using Podfence.Model;

namespace Podfence.TestKit;

/// <summary>
/// Makes a failing case as small as it gets: takes one thing out after another, and keeps what still fails.
/// </summary>
public static class Shrinker
{
    /// <summary>The smallest case found.</summary>
    /// <param name="failing">A case that fails.</param>
    /// <param name="fails">Whether a case fails.</param>
    /// <param name="trials">How many cases to try at most.</param>
    public static ClusterCase Shrink(ClusterCase failing, Func<ClusterCase, bool> fails, int trials = 5000)
    {
        var best = failing;
        bool smaller;
        do
        {
            smaller = false;
            foreach (var step in s_steps)
            {
                // After a success the same step is tried again on the smaller case, at the place it had come to.
                for (var skip = 0; trials > 0; )
                {
                    var found = step(best)
                        .Skip(skip)
                        .Select((candidate, index) => (candidate, index))
                        .TakeWhile(_ => trials-- > 0)
                        .FirstOrDefault(item => fails(item.candidate));
                    if (found.candidate is null)
                    {
                        break;
                    }

                    best = found.candidate;
                    skip += found.index;
                    smaller = true;
                }
            }
        } while (smaller && trials > 0);

        return best;
    }

    private static readonly Func<ClusterCase, IEnumerable<ClusterCase>>[] s_steps =
    [
        static c => WithoutHalf(c.Changes).Select(changes => c with { Changes = changes }),
        static c => WithoutOne(c.Changes).Select(changes => c with { Changes = changes }),
        static c => WithoutOne(c.Policies).Select(policies => c with { Policies = policies }),
        static c => WithoutOne(c.Pods).Select(pods => c with { Pods = pods }),
        static c => WithoutOne(c.Nodes).Select(nodes => c with { Nodes = nodes }),
        static c => WithoutOne(c.Namespaces).Select(namespaces => c with { Namespaces = namespaces }),
        static c => Each(c.Policies, Smaller).Select(policies => c with { Policies = policies }),
        static c => Each(c.Pods, Smaller).Select(pods => c with { Pods = pods }),
        static c => Each(c.Nodes, Smaller).Select(nodes => c with { Nodes = nodes }),
        static c =>
            Each(c.Namespaces, static ns => ns.Labels.Count > 1 ? [Namespace.Create(ns.Name)] : [])
                .Select(namespaces => c with { Namespaces = namespaces }),
        static c => Each(c.Changes, Smaller).Select(changes => c with { Changes = changes }),
    ];

    private static IEnumerable<ClusterChange> Smaller(ClusterChange change) =>
        change switch
        {
            PodChange { After: { } pod } put => Smaller(pod).Select(after => put with { After = after }),
            PolicyChange { After: { } policy } put => Smaller(policy).Select(after => put with { After = after }),
            _ => [],
        };

    private static IEnumerable<NetworkPolicy> Smaller(NetworkPolicy policy)
    {
        if (policy is { IsolatesIngress: true, IsolatesEgress: true })
        {
            yield return policy with
            {
                IsolatesIngress = false,
                Ingress = [],
            };
            yield return policy with
            {
                IsolatesEgress = false,
                Egress = [],
            };
        }

        foreach (var selector in Smaller(policy.PodSelector))
        {
            yield return policy with
            {
                PodSelector = selector,
            };
        }

        foreach (
            var rules in WithoutHalf(policy.Ingress)
                .Concat(WithoutOne(policy.Ingress))
                .Concat(Each(policy.Ingress, Smaller))
        )
        {
            yield return policy with
            {
                Ingress = rules,
            };
        }

        foreach (
            var rules in WithoutHalf(policy.Egress)
                .Concat(WithoutOne(policy.Egress))
                .Concat(Each(policy.Egress, Smaller))
        )
        {
            yield return policy with
            {
                Egress = rules,
            };
        }

        if (policy.Key.Name.Length > 20)
        {
            yield return policy with
            {
                Key = policy.Key with { Name = policy.Key.Name[..10] },
            };
        }
    }

    private static IEnumerable<PolicyRule> Smaller(PolicyRule rule) =>
        WithoutOne(rule.Peers)
            .Concat(Each(rule.Peers, Smaller))
            .Select(peers => rule with { Peers = peers })
            .Concat(
                WithoutOne(rule.Ports).Concat(Each(rule.Ports, Smaller)).Select(ports => rule with { Ports = ports })
            );

    private static IEnumerable<PolicyPort> Smaller(PolicyPort port) =>
        port.Last > port.First ? [port with { Last = port.First }]
        : port.IsWholeProtocol ? []
        : [new PolicyPort(port.Protocol)];

    private static IEnumerable<PolicyPeer> Smaller(PolicyPeer peer) =>
        peer switch
        {
            IpBlockPeer block => WithoutOne(block.Except).Select(except => block with { Except = except }),
            SelectorPeer { Namespaces: { } namespaces, Pods: { } pods } both =>
            [
                both with
                {
                    Namespaces = null,
                },
                both with
                {
                    Pods = null,
                },
                .. Smaller(namespaces).Select(n => both with { Namespaces = n }),
                .. Smaller(pods).Select(p => both with { Pods = p }),
            ],
            SelectorPeer { Namespaces: { } namespaces } alone => Smaller(namespaces)
                .Select(n => alone with { Namespaces = n }),
            SelectorPeer { Pods: { } pods } alone => Smaller(pods).Select(p => alone with { Pods = p }),
            _ => [],
        };

    private static IEnumerable<LabelSelector> Smaller(LabelSelector selector) =>
        selector.Unreadable
            ? [LabelSelector.Everything]
            : WithoutOne(selector.Requirements).Select(requirements => selector with { Requirements = requirements });

    private static IEnumerable<Pod> Smaller(Pod pod)
    {
        Pod[] plain =
        [
            pod with
            {
                Ports = [],
            },
            pod with
            {
                Labels = LabelSet.Empty,
            },
            pod with
            {
                Phase = PodPhase.Running,
            },
            pod with
            {
                Terminating = false,
            },
            pod with
            {
                HostNetwork = false,
            },
            pod with
            {
                CreatedAt = 0,
            },
            pod.Key.Name.Length > 20 ? pod with { Key = pod.Key with { Name = pod.Key.Name[..10] } } : pod,
        ];
        return plain
            .Where(candidate => candidate != pod)
            .Concat(WithoutOne(pod.Addresses).Select(addresses => pod with { Addresses = addresses }))
            .Concat(WithoutOne(pod.Ports).Select(ports => pod with { Ports = ports }));
    }

    private static IEnumerable<Node> Smaller(Node node) =>
        WithoutOne(node.Addresses).Select(addresses => node with { Addresses = addresses });

    private static IEnumerable<EquatableArray<T>> WithoutHalf<T>(EquatableArray<T> items)
    {
        if (items.Count >= 4)
        {
            yield return items.Take(items.Count / 2).ToEquatableArray();
            yield return items.Skip(items.Count / 2).ToEquatableArray();
        }
    }

    private static IEnumerable<EquatableArray<T>> WithoutOne<T>(EquatableArray<T> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            yield return items.Where((_, index) => index != i).ToEquatableArray();
        }
    }

    private static IEnumerable<EquatableArray<T>> Each<T>(EquatableArray<T> items, Func<T, IEnumerable<T>> smaller)
    {
        for (var i = 0; i < items.Count; i++)
        {
            foreach (var item in smaller(items[i]))
            {
                yield return items.Select((old, index) => index == i ? item : old).ToEquatableArray();
            }
        }
    }
}
