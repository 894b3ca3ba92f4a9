using CsCheck;
using Podfence.Dataplane.Iptables;
using Podfence.Dataplane.Nftables;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class IptLoweringPropertyTests
{
    [Fact]
    public void Lower_AnyRuleset_DecidesAsTheRulesetSays() =>
        Gen.Select(RandomRulesets.Pairs, Gen.Int)
            .Sample(
                (pair, seed) =>
                {
                    var random = new Random(seed);
                    var kernel = new FakeIptables();
                    using var dataplane = new IptablesDataplane(kernel);
                    dataplane.Replace(pair.First);
                    var simulator = new IptSimulator(kernel);
                    for (var i = 0; i < 60; i++)
                    {
                        var family = random.Next(2) == 0 ? IpFamily.IPv4 : IpFamily.IPv6;
                        var source = RandomRulesets.Address(family, random.Next(12));
                        var destination = RandomRulesets.Address(family, random.Next(12));
                        var packet =
                            random.Next(8) == 0
                                ? Packet.Icmp(source, destination, family == IpFamily.IPv4 ? (byte)8 : (byte)128)
                                : Packet.Of(
                                    source,
                                    destination,
                                    random.Next(2) == 0 ? Protocol.Tcp : Protocol.Udp,
                                    random.Next(14)
                                );

                        // What the node sends on for others is as good as forwarded.
                        var (name, hook) = random.Next(4) switch
                        {
                            0 => ("INPUT", HookPoint.Input),
                            1 => ("OUTPUT", HookPoint.Forward),
                            _ => ("FORWARD", HookPoint.Forward),
                        };
                        var expected =
                            PlainVerdicts.Allows(pair.First, hook, packet) ? PacketVerdict.Accepted
                            : pair.First.Options.DenyAction == DenyAction.Drop ? PacketVerdict.Dropped
                            : packet.Protocol == (byte)Protocol.Tcp ? PacketVerdict.Reset
                            : PacketVerdict.Unreachable;
                        Assert.Equal(expected, simulator.Trace(name, packet));
                        if (name == "OUTPUT")
                        {
                            Assert.Equal(
                                PacketVerdict.Accepted,
                                new IptSimulator(kernel, _ => true).Trace(name, packet)
                            );
                        }
                    }
                },
                iter: 200,
                threads: 2
            );
}
