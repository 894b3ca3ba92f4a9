using System.Net;
using System.Net.Sockets;
using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// What the kernel makes of each statement, shown by connections over the loopback of a private namespace.
/// </summary>
public sealed class NetlinkPacketTests
{
    private const ushort Port = 8080;

    public NetlinkPacketTests() => Assert.SkipUnless(PrivateNetns.IsPermitted, PrivateNetns.SkipReason);

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void Connect_EachStatement_DecidesAsItReads(IpFamily family)
    {
        var self = IpAddress.Parse(family == IpFamily.IPv4 ? "127.0.0.1" : "::1");
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        netns.RunProgram("ip", ["link", "set", "lo", "up"]);
        netns.Run(() =>
        {
            using var listener = new Socket(self.ToSystem().AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(self.ToSystem(), Port));
            listener.Listen();
            foreach (var (name, expected, content, statement) in Cases(family, self))
            {
                var accepting = statement is AddressVerdictMap or PortVerdictMap
                    ? (NftStatement[])[statement]
                    : [statement, new VerdictStatement(NftVerdict.Accept)];
                kernel.Run([
                    new AddTable(),
                    new DeleteTable(),
                    new AddTable(),
                    new AddChain(new NftChain("allow", null, [])),
                    new AddRules("allow", [new NftRule([new VerdictStatement(NftVerdict.Accept)])]),
                    .. content is null
                        ? []
                        : (NftOperation[])[new AddSet(content.Set), new AddElements(content.Set, content.Elements)],
                    new AddChain(new NftChain("input", new NftHook(HookPoint.Input, 0), [])),
                    new AddRules(
                        "input",
                        [
                            new NftRule([new EstablishedMatch(), new VerdictStatement(NftVerdict.Accept)]),
                            new NftRule([.. accepting]),
                            new NftRule([new L4ProtocolMatch(6), new RejectStatement(TcpReset: true)]),
                        ]
                    ),
                ]);

                Assert.True(expected == Connects(self), $"{name}: expected {(expected ? "a connection" : "a reset")}");
            }
        });
    }

    private static IEnumerable<(string Name, bool Expected, NftSetContent? Set, NftStatement Statement)> Cases(
        IpFamily family,
        IpAddress self
    )
    {
        var zero = new IpAddress(family, 0);
        var next = new IpAddress(family, self.Value + 1);
        var last = new Cidr(zero, 0).Last;
        foreach (var (address, expected) in new[] { (self, true), (next, false) })
        {
            foreach (var end in Enum.GetValues<PacketEnd>())
            {
                yield return (
                    $"address {address}",
                    expected,
                    Set(NftKey.Address, new NftElement(SetElement.Of(address))),
                    new AddressMatch(end, family, "s")
                );
            }

            yield return (
                $"pair with {address}",
                expected,
                Set(NftKey.AddressPair, new NftElement(new SetElement(self, address, default, 0))),
                new AddressPairMatch(family, "s")
            );
            yield return (
                $"endpoint {address}",
                expected,
                Set(NftKey.Endpoint, new NftElement(SetElement.Of(address, Protocol.Tcp, Port))),
                new EndpointMatch(family, "s")
            );
            yield return (
                $"verdict of {address}",
                expected,
                Map(NftKey.Address, new NftElement(SetElement.Of(address), Verdict: NftVerdict.Goto("allow"))),
                new AddressVerdictMap(PacketEnd.Source, family, "s")
            );
        }

        yield return (
            "endpoint of another protocol",
            false,
            Set(NftKey.Endpoint, new NftElement(SetElement.Of(self, Protocol.Udp, Port))),
            new EndpointMatch(family, "s")
        );
        yield return (
            "endpoint of another port",
            false,
            Set(NftKey.Endpoint, new NftElement(SetElement.Of(self, Protocol.Tcp, Port + 1))),
            new EndpointMatch(family, "s")
        );
        foreach (
            var (from, to, expected) in new[]
            {
                (zero, last, true),
                (self, last, true),
                (zero, self, true),
                (self, self, true),
                (next, last, false),
            }
        )
        {
            yield return (
                $"range {from} to {to}",
                expected,
                Set(NftKey.AddressRange, new NftElement(SetElement.Of(new IpRange(from, to)))),
                new AddressMatch(PacketEnd.Source, family, "s")
            );
        }

        foreach (
            var (protocol, first, end, expected) in new[]
            {
                (Protocol.Tcp, Port, Port, true),
                (Protocol.Tcp, (ushort)0, ushort.MaxValue, true),
                (Protocol.Tcp, (ushort)8000, Port, true),
                (Protocol.Tcp, Port, ushort.MaxValue, true),
                (Protocol.Tcp, (ushort)(Port + 1), (ushort)9000, false),
                (Protocol.Udp, (ushort)0, ushort.MaxValue, false),
                (Protocol.Sctp, Port, Port, false),
            }
        )
        {
            var span = new PortRange(protocol, first, end);
            yield return ($"port {span}", expected, null, new PortMatch(span));
            yield return (
                $"port map {span}",
                expected,
                Map(NftKey.PortRange, new NftElement(default, span, NftVerdict.Jump("allow"))),
                new PortVerdictMap("s")
            );
            yield return (
                $"port map with others {span}",
                expected,
                Map(
                    NftKey.PortRange,
                    new NftElement(default, span, NftVerdict.Accept),
                    new NftElement(
                        default,
                        new PortRange(protocol == Protocol.Udp ? Protocol.Sctp : Protocol.Udp, 0, 60000),
                        NftVerdict.Drop
                    )
                ),
                new PortVerdictMap("s")
            );
            if (first == end)
            {
                yield return (
                    $"single port map {span}",
                    expected,
                    Map(NftKey.Port, new NftElement(default, span, NftVerdict.Accept)),
                    new PortVerdictMap("s")
                );
            }
        }

        yield return ("a packet that begins a connection", true, null, new TcpBeginMatch());
        yield return ("another protocol", false, null, new L4ProtocolMatch(17));
        yield return (
            "the other family",
            false,
            Everything(family == IpFamily.IPv4 ? IpFamily.IPv6 : IpFamily.IPv4),
            new AddressMatch(PacketEnd.Source, family == IpFamily.IPv4 ? IpFamily.IPv6 : IpFamily.IPv4, "s")
        );

        NftSetContent Set(NftKey key, params NftElement[] elements) =>
            new(new NftSet("s", key, family, false), elements);

        NftSetContent Map(NftKey key, params NftElement[] elements) =>
            new(new NftSet("s", key, key is NftKey.Port or NftKey.PortRange ? null : family, true), elements);
    }

    private static NftSetContent Everything(IpFamily other)
    {
        var zero = new IpAddress(other, 0);
        return new NftSetContent(
            new NftSet("s", NftKey.AddressRange, other, false),
            [new NftElement(SetElement.Of(new IpRange(zero, new Cidr(zero, 0).Last)))]
        );
    }

    private static bool Connects(IpAddress address)
    {
        using var client = new Socket(address.ToSystem().AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            client.Connect(new IPEndPoint(address.ToSystem(), Port));
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }
}
