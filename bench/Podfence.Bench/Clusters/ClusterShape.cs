using Podfence.Analysis;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>
/// A cluster as teams make them: namespaces of 100 pods in ten workloads, ten policies each, of the kinds that the
/// documentation recommends: nothing comes in, names may be resolved, each workload is open to the one before it, one
/// to the world, all to the monitoring. Everything follows from the numbers, so that two runs measure the same.
/// </summary>
/// <param name="Pods">All pods; a tenth as many policies, a hundredth as many namespaces.</param>
/// <param name="LocalPods">Those on the node that is measured.</param>
/// <param name="LocalNamespaces">
/// The namespaces that these are taken evenly from, the first ones; never the last.
/// </param>
internal sealed record ClusterShape(int Pods, int LocalPods, int LocalNamespaces)
{
    /// <summary>The node that is measured.</summary>
    public const string Node = "node-0";

    /// <summary>Pods of a namespace.</summary>
    public const int PodsPerNamespace = 100;

    /// <summary>Policies of a namespace.</summary>
    public const int PoliciesPerNamespace = 10;

    /// <summary>The port of every workload.</summary>
    public const int Port = 8080;

    private const int Workloads = 10;
    private static readonly LabelSet s_plain = LabelSet.Of(("pod-template-hash", "5d8c7f9b4"), ("tier", "backend"));

    public int Namespaces => Pods / PodsPerNamespace;

    public int Policies => Namespaces * PoliciesPerNamespace;

    /// <summary>Every object, in the order in which a source would deliver them.</summary>
    public IEnumerable<ClusterObject> Objects() => [.. NamespaceObjects(), .. PodObjects(), .. PolicyObjects()];

    public ClusterState ToState()
    {
        var state = new ClusterState();
        foreach (var item in Objects())
        {
            state.Upsert(item);
        }

        return state;
    }

    public IEnumerable<ClusterObject> NamespaceObjects()
    {
        for (var i = 0; i < Namespaces; i++)
        {
            yield return ClusterObject.Of(Namespace.Create(NamespaceName(i), LabelSet.Of(("team", $"team-{i / 10}"))));
        }

        yield return ClusterObject.Of(Namespace.Create("monitoring", LabelSet.Of(("purpose", "monitoring"))));
        yield return ClusterObject.Of(Namespace.Create("kube-system"));
    }

    public IEnumerable<ClusterObject> PodObjects()
    {
        for (var i = 0; i < Pods; i++)
        {
            yield return ClusterObject.Of(PodOf(i));
        }

        for (var i = 0; i < 4; i++)
        {
            yield return ClusterObject.Of(ServicePod("monitoring", "prometheus", i, 9090));
            yield return ClusterObject.Of(ServicePod("kube-system", "kube-dns", i + 8, 53));
        }
    }

    public IEnumerable<ClusterObject> PolicyObjects()
    {
        for (var i = 0; i < Namespaces; i++)
        {
            foreach (var policy in PoliciesOf(NamespaceName(i)))
            {
                yield return ClusterObject.Of(policy);
            }
        }
    }

    /// <summary>The numbers of the pods on the measured node.</summary>
    public IEnumerable<int> LocalIndexes() => Enumerable.Range(0, LocalPods).Select(LocalIndex);

    /// <summary>A pod by its number.</summary>
    public Pod PodOf(int index)
    {
        var local = LocalNumber(index);
        var @namespace = index / PodsPerNamespace;
        return NewPod(
            NamespaceName(@namespace),
            index % Workloads,
            $"{index % PodsPerNamespace:000}",
            local >= 0 ? Node : $"node-{1 + (index / 100)}",
            local >= 0 ? LocalAddress(local) : 0x0A800000u + (uint)index
        );
    }

    /// <summary>A pod of a workload.</summary>
    public static Pod NewPod(string @namespace, int workload, string suffix, string node, uint address) =>
        new()
        {
            Key = new PodKey(LabelInterner.Intern(@namespace), $"app-{workload}-5d8c7f9b4-{suffix}"),
            Labels = s_plain.With("app", $"app-{workload}"),
            NodeName = LabelInterner.Intern(node),
            Addresses = Addresses(address),
            Phase = PodPhase.Running,
            CreatedAt = 1_700_000_000,
            Ports = [new ContainerPort("http", Port, Protocol.Tcp), new ContainerPort("metrics", 9100, Protocol.Tcp)],
        };

    /// <summary>A local address by number; the measured node's block has 256.</summary>
    public static uint LocalAddress(int number) => 0x0A400001u + (uint)number;

    /// <summary>Both addresses of a pod, which share their last 32 bits.</summary>
    public static EquatableArray<IpAddress> Addresses(uint number)
    {
        var block = number >> 8 == 0x0A4000 ? 0xfd640000u : 0xfd800000u;
        return [new IpAddress(IpFamily.IPv4, number), new IpAddress(IpFamily.IPv6, ((UInt128)block << 96) + number)];
    }

    /// <summary>The namespace that no local pod is of.</summary>
    public string ForeignNamespace => NamespaceName(Namespaces - 1);

    /// <summary>A namespace's name by number.</summary>
    public static string NamespaceName(int index) => $"team-{index / 10}-env-{index % 10}";

    /// <summary>A caller that the policies admit to a local pod at <see cref="Port"/>.</summary>
    public Pod CallerOf(int localIndex)
    {
        var workload = localIndex % Workloads;
        var first = localIndex / PodsPerNamespace * PodsPerNamespace;
        for (var i = 0; i < PodsPerNamespace / Workloads; i++)
        {
            var candidate = first + (i * Workloads) + ((workload + Workloads - 1) % Workloads);
            if (LocalNumber(candidate) < 0)
            {
                return PodOf(candidate);
            }
        }

        throw new BenchException("every pod that might call is on the same node");
    }

    private int LocalIndex(int number) =>
        ((int)((long)number * LocalNamespaces * PodsPerNamespace / LocalPods) / Workloads * Workloads)
        + (number % Workloads);

    /// <summary>The inverse, or -1: rounding leaves it within two of the proportion.</summary>
    private int LocalNumber(int index)
    {
        var guess = (int)((long)index * LocalPods / (LocalNamespaces * PodsPerNamespace));
        for (var number = Math.Max(0, guess - 2); number <= Math.Min(LocalPods - 1, guess + 2); number++)
        {
            if (LocalIndex(number) == index)
            {
                return number;
            }
        }

        return -1;
    }

    private static Pod ServicePod(string @namespace, string app, int number, int port) =>
        new()
        {
            Key = new PodKey(@namespace, $"{app}-{number}"),
            Labels = LabelSet.Of(("app", app)),
            NodeName = "node-1",
            Addresses = Addresses(0x0AFF0000u + (uint)number),
            Phase = PodPhase.Running,
            Ports = [new ContainerPort(null, port, Protocol.Tcp)],
        };

    /// <summary>The ten policies of a namespace: each pod is selected by five or six of them.</summary>
    private static IEnumerable<NetworkPolicy> PoliciesOf(string @namespace)
    {
        yield return Policy("default-deny-ingress", LabelSelector.Everything) with
        {
            IsolatesIngress = true,
        };
        yield return Policy("allow-dns", LabelSelector.Everything) with
        {
            IsolatesEgress = true,
            Egress =
            [
                new PolicyRule(
                    [Selected(LabelSelector.MatchLabels((Namespace.NameLabel, "kube-system")), ("app", "kube-dns"))],
                    [new PolicyPort(Protocol.Udp, 53, 53), new PolicyPort(Protocol.Tcp, 53, 53)]
                ),
            ],
        };
        yield return Policy("allow-monitoring", LabelSelector.Everything) with
        {
            IsolatesIngress = true,
            Ingress =
            [
                new PolicyRule(
                    [new SelectorPeer(LabelSelector.MatchLabels(("purpose", "monitoring")), null)],
                    [new PolicyPort(Protocol.Tcp, Name: "metrics")]
                ),
            ],
        };
        yield return Policy("allow-out-to-own", LabelSelector.Everything) with
        {
            IsolatesEgress = true,
            Egress = [new PolicyRule([new SelectorPeer(null, LabelSelector.Everything)], [])],
        };
        yield return Policy("web-from-world", App(0)) with
        {
            IsolatesIngress = true,
            Ingress =
            [
                new PolicyRule(
                    [
                        new IpBlockPeer(Cidr.Parse("0.0.0.0/0"), [Cidr.Parse("10.0.0.0/8")]),
                        new IpBlockPeer(Cidr.Parse("::/0"), [Cidr.Parse("fd00::/8")]),
                    ],
                    [new PolicyPort(Protocol.Tcp, 8443, 8443)]
                ),
            ],
        };
        for (var i = 0; i < 5; i++)
        {
            var (one, other) = (2 * i, (2 * i) + 1);
            yield return Policy(
                $"app-{one}-and-{other}",
                new LabelSelector
                {
                    Requirements = [new LabelRequirement("app", LabelOperator.In, [$"app-{one}", $"app-{other}"])],
                }
            ) with
            {
                IsolatesIngress = true,
                Ingress =
                [
                    new PolicyRule(
                        [
                            Selected(null, ("app", $"app-{(one + Workloads - 1) % Workloads}")),
                            Selected(null, ("app", $"app-{one}")),
                        ],
                        [new PolicyPort(Protocol.Tcp, Name: "http")]
                    ),
                ],
            };
        }

        NetworkPolicy Policy(string name, LabelSelector pods) =>
            new() { Key = new PolicyKey(@namespace, name), PodSelector = pods };
        static LabelSelector App(int workload) => LabelSelector.MatchLabels(("app", $"app-{workload}"));
        static SelectorPeer Selected(LabelSelector? namespaces, (string, string) label) =>
            new(namespaces, LabelSelector.MatchLabels(label));
    }
}
