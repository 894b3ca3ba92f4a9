using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;
using Podfence.TestKit;

namespace Podfence.KernelTests;

/// <summary>
/// A cluster, a long sequence of changes to it, and flows whose verdict is the same after each of them. The sequence is
/// random; a change that would turn a watched flow is left out. Pods that carry watched flows keep their links;
/// everything else churns, as objects.
/// </summary>
internal sealed class GapCase
{
    private const int FlowsOfAKind = 14;
    private const int LastServerPort = 19_999;

    private readonly Rng _rng;
    private readonly ClusterState _state;
    private readonly Dictionary<PodKey, Pod> _anchors;
    private readonly List<WatchedFlow> _flows = [];
    private readonly List<ClusterChange> _changes = [];
    private readonly List<ClusterChange> _undos = [];
    private readonly Dictionary<WatchedFlow, Direction> _guards = [];
    private int _twins;

    private GapCase(long seed, ClusterCase cluster, LabNetworkOptions network)
    {
        _rng = new Rng(seed);
        Cluster = cluster with { Changes = [] };
        Plan = LabPlanner.PlanOrThrow(cluster.Nodes, cluster.Pods, network);
        Planned = Cluster with
        {
            Nodes = Plan.Nodes.Select(static node => node.Object).ToEquatableArray(),
            Pods = Plan.Pods.Values.Select(static pod => pod.Object).ToEquatableArray(),
        };
        _state = Planned.ToState();
        var connected = _rng.Shuffled(
            Plan.Pods.Values.Where(static pod => pod.IsConnected).Select(static pod => pod.Object)
        );
        _anchors = connected.Take(Math.Max(4, connected.Count * 2 / 3)).ToDictionary(static pod => pod.Key);
    }

    public ClusterCase Cluster { get; }

    /// <summary>What the lab chose for the cluster.</summary>
    public LabPlan Plan { get; }

    /// <summary>The cluster before the changes, with all that the lab chose.</summary>
    public ClusterCase Planned { get; }

    public IReadOnlyList<WatchedFlow> Flows => _flows;

    /// <summary>The changes, and then the way back: the same states once more in the other order.</summary>
    public IEnumerable<ClusterChange> ThereAndBack => [.. _changes, .. Enumerable.Reverse(_undos)];

    /// <summary>The first case from a seed on that has enough of both kinds of flows.</summary>
    public static GapCase Make(long seed, int changes, LabNetworkOptions network)
    {
        for (; ; seed += 1_000)
        {
            var cluster = ClusterGenerator.Generate(
                seed,
                changes * 2,
                new GeneratorOptions
                {
                    Unreal = false,
                    MaxNodes = 2,
                    MaxPods = 14,
                    MaxPolicies = 14,
                }
            );
            if (cluster.Nodes.Count != 2 || cluster.Pods.Count(static pod => !pod.HostNetwork) < 8)
            {
                continue;
            }

            cluster = cluster with
            {
                Policies = cluster
                    .Policies.Where(static policy =>
                        Messages.IsExpressible(new PolicyChange(policy.Key, policy, "policy"))
                    )
                    .ToEquatableArray(),
            };
            var made = new GapCase(seed, cluster, network);
            made.ChooseFlows();
            if (made._flows.Count == 2 * FlowsOfAKind && made.ChooseChanges(cluster.Changes, changes))
            {
                return made;
            }
        }
    }

    private void ChooseFlows()
    {
        var classes = FlowClasses.Of(_state);
        var ports = classes
            .Ports.Where(static port =>
                port.Protocol is Protocol.Tcp or Protocol.Udp && port.Port is > 0 and <= LastServerPort
            )
            .ToList();
        var allowed = new List<LabFlow>();
        var denied = new List<LabFlow>();
        foreach (
            var flow in _rng.Shuffled(
                IpFamilies.All.SelectMany(family =>
                    Pairs(family)
                        .SelectMany(pair =>
                            ports.Select(port => new LabFlow(
                                pair.From,
                                pair.To,
                                port.Protocol!.Value,
                                port.Port,
                                family
                            ))
                        )
                )
            )
        )
        {
            var verdict = Evaluator.Evaluate(Translate(flow));
            if (!verdict.Allowed)
            {
                denied.Add(flow);
            }
            else if (
                verdict.Egress.Reason == SideReason.RuleMatched
                || verdict.Ingress.Reason == SideReason.RuleMatched
                || _rng.Percent(5)
            )
            {
                // What no policy checks at says little, so that it is rarely watched.
                allowed.Add(flow);
            }
        }

        _flows.AddRange(Varied(denied).Select(static flow => new WatchedFlow(flow, false)));
        _flows.AddRange(Varied(allowed).Select(static flow => new WatchedFlow(flow, true)));
        Assert.All(_flows, watched => Assert.True(Stays(watched)));
    }

    /// <summary>A few flows of each destination rather than many of one.</summary>
    private static IEnumerable<LabFlow> Varied(List<LabFlow> flows) =>
        flows
            .GroupBy(static flow => flow.To)
            .SelectMany(static group => group.Select(static (flow, turn) => (flow, turn)))
            .OrderBy(static item => item.turn)
            .Select(static item => item.flow)
            .Take(FlowsOfAKind);

    private IEnumerable<(LabEndpoint From, LabEndpoint To)> Pairs(IpFamily family)
    {
        List<LabEndpoint> ends =
        [
            .. _anchors
                .Values.Where(pod => pod.AddressOf(family) is not null)
                .OrderBy(static pod => pod.Key)
                .Select(static pod => new PodEndpoint(pod.Key)),
            .. _state
                .Nodes.Values.Where(node => node.AddressOf(family) is not null)
                .OrderBy(static node => node.Name, StringComparer.Ordinal)
                .Select(static node => new NodeEndpoint(node.Name)),
            new ExternalEndpoint(IpAddress.Parse(family == IpFamily.IPv4 ? "198.51.100.7" : "2001:db8:51::7")),
        ];
        return from source in ends
            from destination in ends
            where source != destination && (source is PodEndpoint || destination is PodEndpoint)
            select (source, destination);
    }

    private bool ChooseChanges(EquatableArray<ClusterChange> candidates, int count)
    {
        foreach (var candidate in candidates)
        {
            Take(candidate);
            while (_changes.Count < count && _rng.Percent(60))
            {
                Take(Disguise());
            }

            if (_changes.Count >= count)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// A change around the watched pods that often leaves verdicts as they are while everything else moves: another
    /// label (another set of policies, another fence), a policy of the same content by another name, and its going.
    /// </summary>
    private ClusterChange Disguise()
    {
        var policies = _state.Policies.OrderBy(static policy => policy.Key).ToList();
        var pods = _anchors.Keys.Order().Select(key => _state.FindPod(key)!).ToList();
        switch (policies.Count == 0 ? 0 : _rng.Weighted(6, 3, 4))
        {
            case 0:
                var (one, other) = (_rng.Pick(pods), _rng.Pick(pods));
                return new PodChange(one.Key, one with { Labels = other.Labels }, "relabel pod as another");
            case 1 when policies.Count < 30:
                var twin = _rng.Pick(policies);
                var key = twin.Key with { Name = $"twin{_twins++}" };
                return new PolicyChange(key, twin with { Key = key }, "put policy's twin");
            default:
                return new PolicyChange(_rng.Pick(policies).Key, null, "delete policy");
        }
    }

    private void Take(ClusterChange candidate)
    {
        if (Fit(candidate) is not { } change || !Messages.IsExpressible(change))
        {
            return;
        }

        var undo = Undo(change);
        change.Apply(_state);
        if (_flows.All(Stays))
        {
            _changes.Add(change);
            _undos.Add(undo);
        }
        else
        {
            undo.Apply(_state);
        }
    }

    /// <summary>
    /// Whether a flow has its expected verdict, whichever of the nodes has received the last change: the side that
    /// denied it from the beginning must go on to, for nodes change one after the other, and no order of theirs would
    /// hold a flow back whose guard moves from one to the other. Guards that move within a node are the matter of
    /// <see cref="DirectionSwapTests"/>.
    /// </summary>
    private bool Stays(WatchedFlow watched)
    {
        var flow = Translate(watched.Flow);
        if (watched.IsAllowed)
        {
            return Evaluator.IsAllowed(flow);
        }

        var verdict = Evaluator.Evaluate(flow);
        if (!_guards.TryGetValue(watched, out var guard))
        {
            _guards[watched] = guard = verdict.Ingress.Allowed ? Direction.Egress : Direction.Ingress;
        }

        return !(guard == Direction.Egress ? verdict.Egress : verdict.Ingress).Allowed;
    }

    /// <summary>Leaves a watched pod its link, and its addresses to it alone.</summary>
    private ClusterChange? Fit(ClusterChange change)
    {
        if (change is not PodChange { After: var after } pod)
        {
            return change;
        }

        if (_anchors.TryGetValue(pod.Key, out var anchor))
        {
            return after is null
                ? null
                : pod with
                {
                    After = after with
                    {
                        NodeName = anchor.NodeName,
                        Addresses = anchor.Addresses,
                        HostNetwork = false,
                        Phase = PodPhase.Running,
                    },
                };
        }

        return after?.Addresses.Any(address => _anchors.Values.Any(held => held.Addresses.Contains(address))) == true
            ? null
            : change;
    }

    private ClusterChange Undo(ClusterChange change) =>
        change switch
        {
            PodChange pod => pod with { After = _state.FindPod(pod.Key) },
            PolicyChange policy => policy with { After = _state.FindPolicy(policy.Key) },
            NamespaceChange space => space with { After = _state.Namespaces.GetValueOrDefault(space.Name) },
            NodeChange node => node with { After = _state.Nodes.GetValueOrDefault(node.Name) },
            _ => throw new ArgumentException($"unknown change {change}", nameof(change)),
        };

    private Evaluator Evaluator => new(_state);

    private Flow Translate(LabFlow flow) =>
        new(Translate(flow.From, flow.Family), Translate(flow.To, flow.Family), flow.Protocol, flow.Port);

    private FlowEndpoint Translate(LabEndpoint end, IpFamily family) =>
        end switch
        {
            PodEndpoint pod => FlowEndpoint.Of(pod.Key, _anchors[pod.Key].AddressOf(family)!.Value),
            NodeEndpoint node => FlowEndpoint.OfNode(node.Name, _state.Nodes[node.Name].AddressOf(family)!.Value),
            ExternalEndpoint external => FlowEndpoint.External(external.Address),
            _ => throw new ArgumentException($"unknown end {end}", nameof(end)),
        };
}
