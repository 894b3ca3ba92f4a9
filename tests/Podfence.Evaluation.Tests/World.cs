using Podfence.Base;
using Podfence.Model;

namespace Podfence.Evaluation.Tests;

/// <summary>
/// A small cluster written by hand: two nodes, pods placed by name, addresses counted up from 10.244.0.1 and
/// fd00:244::1.
/// </summary>
internal sealed class World
{
    public const string External4 = "198.51.100.7";
    public const string External6 = "2001:db8:51::7";

    private int _pods;

    public World(EvaluatorOptions? options = null)
    {
        Evaluator = new Evaluator(State, options);
        State.Upsert(
            new Node { Name = "n1", Addresses = [IpAddress.Parse("192.0.2.1"), IpAddress.Parse("2001:db8::1")] }
        );
        State.Upsert(
            new Node { Name = "n2", Addresses = [IpAddress.Parse("192.0.2.2"), IpAddress.Parse("2001:db8::2")] }
        );
    }

    public ClusterState State { get; } = new();

    public Evaluator Evaluator { get; }

    public World Namespace(string name, params ReadOnlySpan<(string, string)> labels)
    {
        State.Upsert(Model.Namespace.Create(name, LabelSet.Of(labels)));
        return this;
    }

    /// <summary>A running pod named namespace/name; labels as <c>a=1,b=2</c>. Its namespace appears with it.</summary>
    public Pod Pod(string name, string labels = "", string node = "n1", params ReadOnlySpan<ContainerPort> ports)
    {
        var (ns, pod) = Split(name);
        if (!State.Namespaces.ContainsKey(ns))
        {
            Namespace(ns);
        }

        var number = ++_pods;
        return Put(
            new Pod
            {
                Key = new PodKey(ns, pod),
                Labels = Labels(labels),
                NodeName = node,
                Phase = PodPhase.Running,
                CreatedAt = number,
                Addresses = [IpAddress.Parse($"10.244.0.{number}"), IpAddress.Parse($"fd00:244::{number}")],
                Ports = EquatableArray.Create(ports),
            }
        );
    }

    public Pod Put(Pod pod)
    {
        State.Upsert(pod);
        return pod;
    }

    public World Policy(
        string name,
        LabelSelector? selector = null,
        PolicyRule[]? ingress = null,
        PolicyRule[]? egress = null
    )
    {
        var (ns, policy) = Split(name);
        State.Upsert(
            new NetworkPolicy
            {
                Key = new PolicyKey(ns, policy),
                PodSelector = selector ?? LabelSelector.Everything,
                IsolatesIngress = ingress is not null,
                IsolatesEgress = egress is not null,
                Ingress = (ingress ?? []).ToEquatableArray(),
                Egress = (egress ?? []).ToEquatableArray(),
                Location = new SourceLocation("policies.yaml", 1),
            }
        );
        return this;
    }

    public Verdict Ask(
        string from,
        string to,
        int port = 80,
        Protocol protocol = Protocol.Tcp,
        IpFamily family = IpFamily.IPv4
    )
    {
        var flow = new Flow(End(from, family), End(to, family), protocol, port);
        var verdict = Evaluator.Evaluate(flow);
        Assert.Equal(verdict.Allowed, Evaluator.IsAllowed(flow));
        return verdict;
    }

    public bool Allows(
        string from,
        string to,
        int port = 80,
        Protocol protocol = Protocol.Tcp,
        IpFamily family = IpFamily.IPv4
    ) => Ask(from, to, port, protocol, family).Allowed;

    /// <summary>
    /// <c>namespace/pod</c>, <c>node:name</c>, <c>external</c>, or an address, which is resolved in the state.
    /// </summary>
    public FlowEndpoint End(string text, IpFamily family = IpFamily.IPv4)
    {
        if (text.StartsWith("node:", StringComparison.Ordinal))
        {
            var node = State.Nodes[text[5..]];
            return FlowEndpoint.Of(node, node.AddressOf(family)!.Value);
        }

        if (text == "external")
        {
            return FlowEndpoint.External(IpAddress.Parse(family == IpFamily.IPv4 ? External4 : External6));
        }

        if (text.Contains('/', StringComparison.Ordinal))
        {
            var (ns, name) = Split(text);
            var pod = State.FindPod(new PodKey(ns, name))!;
            return FlowEndpoint.Of(pod, pod.AddressOf(family)!.Value);
        }

        return FlowEndpoint.Resolve(State, IpAddress.Parse(text));
    }

    public static LabelSelector Select(string labels) =>
        new()
        {
            Requirements = Labels(labels)
                .Select(label => LabelRequirement.Equal(label.Key, label.Value))
                .ToEquatableArray(),
        };

    public static PolicyRule Rule(PolicyPeer[]? peers = null, PolicyPort[]? ports = null) =>
        new((peers ?? []).ToEquatableArray(), (ports ?? []).ToEquatableArray());

    /// <summary>podSelector alone.</summary>
    public static PolicyPeer Pods(string labels) => new SelectorPeer(null, Select(labels));

    /// <summary>namespaceSelector, with a podSelector where given.</summary>
    public static PolicyPeer In(string namespaceLabels, string? podLabels = null) =>
        new SelectorPeer(Select(namespaceLabels), podLabels is null ? null : Select(podLabels));

    public static PolicyPeer Block(string cidr, params string[] except) =>
        new IpBlockPeer(Cidr.Parse(cidr), except.Select(Cidr.Parse).ToEquatableArray());

    public static PolicyPort Port(int number, Protocol protocol = Protocol.Tcp) => new(protocol, number, number);

    public static PolicyPort Range(int first, int last, Protocol protocol = Protocol.Tcp) => new(protocol, first, last);

    public static PolicyPort Named(string name, Protocol protocol = Protocol.Tcp) => new(protocol, Name: name);

    public static PolicyPort Every(Protocol protocol = Protocol.Tcp) => new(protocol);

    private static LabelSet Labels(string labels) =>
        LabelSet.Create(
            labels
                .Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(label => label.Split('='))
                .Select(parts => new KeyValuePair<string, string>(parts[0], parts[1]))
        );

    private static (string Namespace, string Name) Split(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return (text[..slash], text[(slash + 1)..]);
    }
}
