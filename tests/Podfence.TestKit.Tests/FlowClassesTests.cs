using Podfence.Evaluation;
using Podfence.Evaluation.Tests;
using Podfence.Model;
using static Podfence.Evaluation.Tests.World;

namespace Podfence.TestKit.Tests;

public sealed class FlowClassesTests
{
    [Fact]
    public void Of_Blocks_DividesAtEveryLimit()
    {
        var world = new World();
        world.Policy(
            "default/p",
            ingress: [Rule([Block("10.0.0.0/8", "10.128.0.0/9"), Block("10.0.0.0/8"), Block("255.255.255.255/32")])]
        );
        var external = FlowClasses
            .Of(world.State)
            .Ends[IpFamily.IPv4]
            .Where(static end => end.IsExternal)
            .Select(static end => end.Address.ToString());
        Assert.Equal(["0.0.0.0", "10.0.0.0", "10.128.0.0", "11.0.0.0", "255.255.255.255"], external);
    }

    [Fact]
    public void Of_BlockOfOnePod_HasNoOtherAddress()
    {
        var world = new World();
        world.Pod("default/a");
        world.Policy("default/p", ingress: [Rule([Block("10.244.0.1/32"), Block("10.244.0.0/31"), Block("::/1")])]);
        var classes = FlowClasses.Of(world.State);
        Assert.Equal(
            ["0.0.0.0", "10.244.0.0", "10.244.0.1", "10.244.0.2", "192.0.2.1", "192.0.2.2"],
            classes.Ends[IpFamily.IPv4].Select(static end => end.Address.ToString())
        );
        Assert.Equal(
            ["::", "2001:db8::1", "2001:db8::2", "8000::", "fd00:244::1"],
            classes.Ends[IpFamily.IPv6].Select(static end => end.Address.ToString())
        );
        Assert.Equal(new PodKey("default", "a"), classes.Ends[IpFamily.IPv4][2].Pod);
        Assert.Equal("n1", classes.Ends[IpFamily.IPv4][4].Node);
    }

    [Fact]
    public void Of_Ports_DividesByProtocolAtRangesAndNamedNumbers()
    {
        var world = new World();
        world.Pod(
            "default/a",
            ports: [new ContainerPort("http", 8080, Protocol.Tcp), new ContainerPort(null, 9090, Protocol.Tcp)]
        );
        world.Policy(
            "default/p",
            ingress: [Rule(null, [Range(80, 90), Port(65535, Protocol.Udp), Named("http"), Every(Protocol.Sctp)])]
        );
        Assert.Equal(
            [
                (Protocol.Tcp, 1),
                (Protocol.Tcp, 80),
                (Protocol.Tcp, 91),
                (Protocol.Tcp, 8080),
                (Protocol.Tcp, 8081),
                (Protocol.Udp, 1),
                (Protocol.Udp, 65535),
                (Protocol.Sctp, 1),
                ((Protocol?)null, 0),
            ],
            FlowClasses.Of(world.State).Ports
        );
    }

    [Fact]
    public void Of_FurtherLimits_DivideToo()
    {
        var further = FlowClasses.Of(
            new World().State,
            [new IpRange(IpAddress.Parse("10.0.0.5"), IpAddress.Parse("10.0.0.9"))],
            [(Protocol.Tcp, 5, 9)]
        );
        Assert.Contains(further.Ends[IpFamily.IPv4], static end => end.Address == IpAddress.Parse("10.0.0.10"));
        Assert.Contains((Protocol.Tcp, 10), further.Ports);
    }

    [Fact]
    public void All_OmitsOnlyFlowsBetweenExternalAddresses()
    {
        var classes = FlowClasses.Of(ClusterGenerator.Generate(3).ToState());
        var all = classes.All().ToList();
        Assert.Equal(classes.Count, all.Count);
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.DoesNotContain(all, static flow => flow.Source.IsExternal && flow.Destination.IsExternal);
    }

    /// <summary>The claim behind all proofs: a flow has the verdict of its representative.</summary>
    [Fact]
    public void All_AnyFlow_HasTheVerdictOfItsClass() => Cases.Check(300, static cluster =>
        {
            var state = cluster.ToState();
            var evaluator = new Evaluator(state);
            var classes = FlowClasses.Of(state);
            var rng = new Rng(cluster.Pods.Count);
            for (var i = 0; i < 200; i++)
            {
                var ends = classes.Ends[rng.Pick(IpFamilies.All)];
                var (source, sourceClass) = AnyEnd(state, rng, ends);
                var (destination, destinationClass) = AnyEnd(state, rng, ends);
                var (port, portClass) = AnyPort(rng, classes.Ports);
                if (
                    evaluator.IsAllowed(Flow(source, destination, port))
                    != evaluator.IsAllowed(Flow(sourceClass, destinationClass, portClass))
                )
                {
                    return $"{Flow(source, destination, port)} differs from "
                        + $"{Flow(sourceClass, destinationClass, portClass)}";
                }
            }

            return null;
        });

    private static Flow Flow(FlowEndpoint source, FlowEndpoint destination, (Protocol? Protocol, int Port) port) =>
        port.Protocol is { } protocol
            ? new Flow(source, destination, protocol, port.Port)
            : Evaluation.Flow.OfOtherProtocol(source, destination);

    /// <summary>
    /// An address near an edge or anywhere, and the representative of its class: itself where an object names it, else
    /// the unnamed one before it in its interval.
    /// </summary>
    private static (FlowEndpoint End, FlowEndpoint Class) AnyEnd(
        ClusterState state,
        Rng rng,
        IReadOnlyList<FlowEndpoint> ends
    )
    {
        var start = rng.Pick(ends).Address;
        var highest = start.Family == IpFamily.IPv4 ? uint.MaxValue : UInt128.MaxValue;
        var step = (UInt128)rng.Below(1 << rng.Below(24));
        var address = new IpAddress(start.Family, highest - start.Value < step ? start.Value : start.Value + step);
        var named = state
            .Pods.SelectMany(static pod => pod.Addresses)
            .Concat(state.Nodes.Values.SelectMany(static node => node.Addresses))
            .ToHashSet();
        var end = FlowEndpoint.Resolve(state, address);
        if (named.Contains(address))
        {
            return (end, end);
        }

        var edges = state
            .Policies.SelectMany(static policy =>
                policy.RulesFor(Direction.Ingress).Concat(policy.RulesFor(Direction.Egress))
            )
            .SelectMany(static rule => rule.Peers)
            .OfType<IpBlockPeer>()
            .SelectMany(static block => block.Except.Prepend(block.Cidr))
            .Where(cidr => cidr.Family == address.Family)
            .ToList();
        return (
            end,
            ends.Last(candidate =>
                !named.Contains(candidate.Address)
                && edges.All(cidr => cidr.Contains(candidate.Address) == cidr.Contains(address))
            )
        );
    }

    private static ((Protocol? Protocol, int Port) Port, (Protocol? Protocol, int Port) Class) AnyPort(
        Rng rng,
        IReadOnlyList<(Protocol? Protocol, int Port)> ports
    )
    {
        var start = rng.Pick(ports);
        if (start.Protocol is null)
        {
            return (start, start);
        }

        var number = Math.Min(65535, start.Port + rng.Below(1 << rng.Below(16)));
        return (
            (start.Protocol, number),
            ports.Where(port => port.Protocol == start.Protocol && port.Port <= number).MaxBy(static port => port.Port)
        );
    }
}
