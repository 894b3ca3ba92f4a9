using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

/// <summary>One table with a bit of everything, as we print it and as nft 1.0.6 prints it from the kernel.</summary>
public sealed class NftGoldenTests
{
    private const string Printed = """
        table inet podfence {
        	map egress-v4 {
        		type ipv4_addr : verdict
        		comment "fenced pods"
        		elements = { 10.244.0.5 comment "shop/web-1" : goto egress/shop.web }
        	}

        	set peers/blocks {
        		type ipv4_addr
        		flags interval
        		elements = { 192.168.0.0/16 comment "office", 255.255.255.0/24 }
        	}

        	map ports {
        		type inet_service . inet_proto : verdict
        		flags interval
        		elements = { 8000-8100 . tcp : accept }
        	}

        	set self-v6 {
        		type ipv6_addr . ipv6_addr
        		elements = { fd00::5 . fd00::5 }
        	}

        	chain forward {
        		type filter hook forward priority -10; policy accept;
        		comment "what passes through";
        		ct state established,related accept
        		tcp flags & (syn | ack) == syn return
        		ip saddr vmap @egress-v4
        	}

        	chain deny {
        		ip6 saddr . ip6 daddr @self-v6 accept
        		icmpv6 type 135 accept
        		icmp type 3 icmp code 4 accept
        		meta l4proto tcp reject with tcp reset
        		reject with icmpx port-unreachable
        	}

        	chain egress/shop.web {
        		ip daddr @peers/blocks tcp dport 443 return comment "shop/web rule 1"
        		udp dport 5000-6000 return
        		th dport . meta l4proto vmap @ports
        		goto deny
        	}
        }

        """;

    private const string Listed = """
        table inet podfence {
        	map egress-v4 {
        		type ipv4_addr : verdict
        		comment "fenced pods"
        		elements = { 10.244.0.5 comment "shop/web-1" : goto egress/shop.web }
        	}

        	set peers/blocks {
        		type ipv4_addr
        		flags interval
        		elements = { 192.168.0.0/16 comment "office", 255.255.255.0/24 }
        	}

        	map ports {
        		type inet_service . inet_proto : verdict
        		flags interval
        		elements = { 8000-8100 . tcp : accept }
        	}

        	set self-v6 {
        		type ipv6_addr . ipv6_addr
        		elements = { fd00::5 . fd00::5 }
        	}

        	chain forward {
        		comment "what passes through"
        		type filter hook forward priority filter - 10; policy accept;
        		ct state established,related accept
        		tcp flags syn / syn,ack return
        		ip saddr vmap @egress-v4
        	}

        	chain deny {
        		ip6 saddr . ip6 daddr @self-v6 accept
        		icmpv6 type nd-neighbor-solicit accept
        		icmp type destination-unreachable icmp code frag-needed accept
        		meta l4proto tcp reject with tcp reset
        		reject
        	}

        	chain egress/shop.web {
        		ip daddr @peers/blocks tcp dport 443 return comment "shop/web rule 1"
        		udp dport 5000-6000 return
        		th dport . meta l4proto vmap @ports
        		goto deny
        	}
        }

        """;

    private static readonly NftTable Table = Make();

    [Fact]
    public void Print_Table_ReadsLikeNft() => Assert.Equal(Printed, NftText.Print(Table));

    [Fact]
    public void List_TableOfOurs_NftPrintsItAsItWasMeant()
    {
        Assert.SkipUnless(
            PrivateNetns.IsPermitted && File.Exists("/usr/sbin/nft"),
            $"{PrivateNetns.SkipReason}; and nft"
        );
        using var netns = new PrivateNetns();
        using var kernel = netns.Run(NetlinkKernel.Open);
        kernel.Run(NftGen.Operations(Table));

        Assert.Equal(Listed, NetlinkKernelTests.Nft(netns, "list table inet podfence"));
    }

    private static NftTable Make()
    {
        NftVerdict goTo = NftVerdict.Goto("deny");
        NftChain[] chains =
        [
            new(
                "forward",
                new NftHook(HookPoint.Forward, -10),
                [
                    Rule(NftVerdict.Accept, new EstablishedMatch()),
                    Rule(NftVerdict.Return, new TcpBeginMatch()),
                    new NftRule([new AddressVerdictMap(PacketEnd.Source, IpFamily.IPv4, "egress-v4")]),
                ],
                "what passes through"
            ),
            new(
                "deny",
                null,
                [
                    Rule(NftVerdict.Accept, new AddressPairMatch(IpFamily.IPv6, "self-v6")),
                    Rule(NftVerdict.Accept, new IcmpMatch(IpFamily.IPv6, 135, null)),
                    Rule(NftVerdict.Accept, new IcmpMatch(IpFamily.IPv4, 3, 4)),
                    new NftRule([new L4ProtocolMatch(6), new RejectStatement(true)]),
                    new NftRule([new RejectStatement(false)]),
                ]
            ),
            new(
                "egress/shop.web",
                null,
                [
                    Rule(
                        NftVerdict.Return,
                        new AddressMatch(PacketEnd.Destination, IpFamily.IPv4, "peers/blocks"),
                        new PortMatch(new PortRange(Protocol.Tcp, 443, 443))
                    ) with
                    {
                        Comment = "shop/web rule 1",
                    },
                    Rule(NftVerdict.Return, new PortMatch(new PortRange(Protocol.Udp, 5000, 6000))),
                    new NftRule([new PortVerdictMap("ports")]),
                    Rule(goTo),
                ]
            ),
        ];
        NftSetContent[] sets =
        [
            new(
                new NftSet("egress-v4", NftKey.Address, IpFamily.IPv4, true, "fenced pods"),
                [
                    new NftElement(
                        SetElement.Of(IpAddress.Parse("10.244.0.5")),
                        Verdict: NftVerdict.Goto("egress/shop.web"),
                        Comment: "shop/web-1"
                    ),
                ]
            ),
            new(
                new NftSet("peers/blocks", NftKey.AddressRange, IpFamily.IPv4, false),
                [Block("192.168.0.0/16") with { Comment = "office" }, Block("255.255.255.0/24")]
            ),
            new(
                new NftSet("ports", NftKey.PortRange, null, true),
                [new NftElement(default, new PortRange(Protocol.Tcp, 8000, 8100), NftVerdict.Accept)]
            ),
            new(
                new NftSet("self-v6", NftKey.AddressPair, IpFamily.IPv6, false),
                [new NftElement(new SetElement(IpAddress.Parse("fd00::5"), IpAddress.Parse("fd00::5"), default, 0))]
            ),
        ];
        return new NftTable(chains.ToDictionary(chain => chain.Name), sets.ToDictionary(content => content.Set.Name));
    }

    private static NftRule Rule(NftVerdict verdict, params NftStatement[] matches) =>
        new([.. matches, new VerdictStatement(verdict)]);

    private static NftElement Block(string block)
    {
        var cidr = Cidr.Parse(block);
        return new NftElement(SetElement.Of(new IpRange(cidr.Network, cidr.Last)));
    }
}
