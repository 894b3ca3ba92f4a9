using Podfence.Compilation;
using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;
using PolicyEnd = Podfence.Evaluation.FlowEndpoint;
using WireEnd = Podfence.TestKit.PacketEndpoint;

namespace Podfence.Agreement.Tests;

/// <summary>Every node of a cluster with its compiler and an executing kernel, as they would be in life.</summary>
internal sealed class CompiledCluster
{
    private readonly ClusterState _state;
    private readonly Dictionary<
        string,
        (NodeCompiler Compiler, FakeKernel Kernel, NftablesDataplane Dataplane)
    > _nodes = [];
    private FlowSimulator _simulator = null!;

    public CompiledCluster(ClusterState state, IEnumerable<string> nodes, CompilerOptions options)
    {
        _state = state;
        foreach (var name in nodes)
        {
            var kernel = new FakeKernel();
            var dataplane = new NftablesDataplane(kernel);
            var compiler = new NodeCompiler(state, name, options);
            dataplane.Replace(compiler.Snapshot());
            _nodes[name] = (compiler, kernel, dataplane);
        }

        TakeSnapshots();
    }

    /// <summary>Brings what has changed into every kernel.</summary>
    public void Apply()
    {
        foreach (var (compiler, _, dataplane) in _nodes.Values)
        {
            dataplane.Apply(compiler.Flush());
        }

        TakeSnapshots();
    }

    /// <summary>What differs between the kernels and the rulesets as they should be; empty when nothing does.</summary>
    public IEnumerable<string> Drift() =>
        _nodes.Values.SelectMany(static node => node.Dataplane.Verify(node.Compiler.Snapshot()));

    /// <summary>Edges that the compiled rules have of themselves, so that a wrong one is met too.</summary>
    public (List<IpRange> Ranges, List<(Protocol, int, int)> Ports) Edges()
    {
        var ranges = new List<IpRange>();
        var ports = new List<(Protocol, int, int)>();
        foreach (var (compiler, _, _) in _nodes.Values)
        {
            var ruleset = compiler.Snapshot();
            ranges.AddRange(
                ruleset
                    .Sets.Where(static set => set.Key.Kind == SetKind.Ranges)
                    .SelectMany(static set => set.Value)
                    .Select(static range => new IpRange(range.First, range.Last))
            );
            ports.AddRange(
                ruleset
                    .Fences.Values.SelectMany(static fence =>
                        fence
                            .Branches.Select(branch => branch.Ports)
                            .Concat(fence.Rules.Where(rule => rule.Ports is not null).Select(rule => rule.Ports!.Value))
                    )
                    .Distinct()
                    .Select(static range => (range.Protocol, (int)range.First, (int)range.Last))
            );
        }

        return (ranges, ports);
    }

    /// <summary>Whether a flow's first packet arrives.</summary>
    public bool Passes(in Flow flow)
    {
        var packet = flow.Protocol is { } protocol
            ? Packet.Of(flow.Source.Address, flow.Destination.Address, protocol, flow.Port)
            : Packet.Icmp(
                flow.Source.Address,
                flow.Destination.Address,
                flow.Family == IpFamily.IPv4 ? (byte)8 : (byte)128
            );
        return _simulator.Send(Wire(flow.Source), Wire(flow.Destination), packet) == PacketVerdict.Accepted;
    }

    /// <summary>Whether a flow comes to a node from or to an address of that node's ranges that no pod has.</summary>
    public bool MeetsUnknown(Flow flow, RulesetOptions options) =>
        FlowSimulator
            .Hooks(Wire(flow.Source), Wire(flow.Destination))
            .Any(step =>
                step.Hook == HookPoint.Forward
                    ? IsUnknown(step.Node, flow.Source.Address) || IsUnknown(step.Node, flow.Destination.Address)
                    : options.PodToNode == PodToNode.Enforce && IsUnknown(step.Node, flow.Source.Address)
            );

    /// <summary>The rules that a flow meets, for messages.</summary>
    public string Trace(in Flow flow)
    {
        var packet = flow.Protocol is { } protocol
            ? Packet.Of(flow.Source.Address, flow.Destination.Address, protocol, flow.Port)
            : Packet.Icmp(
                flow.Source.Address,
                flow.Destination.Address,
                flow.Family == IpFamily.IPv4 ? (byte)8 : (byte)128
            );
        return string.Join(
            "\n",
            _simulator
                .Trace(Wire(flow.Source), Wire(flow.Destination), packet)
                .SelectMany(step =>
                    step.Result.Path.Select(path => $"  {step.Node} {step.Hook}: {path}")
                        .Append($"  {step.Node} {step.Hook}: {step.Result.Verdict}")
                )
        );
    }

    private bool IsUnknown(string node, IpAddress address) =>
        _state.OwnerOf(address) is null
        && _state.Nodes.TryGetValue(node, out var known)
        && known.PodCidrs.Any(cidr => cidr.Contains(address));

    private void TakeSnapshots() =>
        _simulator = new FlowSimulator(
            _nodes.ToDictionary(static node => node.Key, static node => new PacketSimulator(node.Value.Kernel.Read()!))
        );

    private WireEnd Wire(PolicyEnd end)
    {
        if (_state.OwnerOf(end.Address) is { } pod)
        {
            return pod.NodeName is { } node ? WireEnd.Pod(node, end.Address) : WireEnd.External(end.Address);
        }

        if (end.Node is not null)
        {
            return WireEnd.OfNode(end.Node, end.Address);
        }

        // Whatever has an address of a node's range is on that node, known or not.
        return
            _state
                .Nodes.Values.Where(node => node.PodCidrs.Any(cidr => cidr.Contains(end.Address)))
                .MinBy(static node => node.Name, StringComparer.Ordinal)
                is { } near
            ? WireEnd.Pod(near.Name, end.Address)
            : WireEnd.External(end.Address);
    }
}
