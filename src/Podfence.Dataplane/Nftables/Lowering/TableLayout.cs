using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>The part of our table that is the same on every node: names, base chains, dispatch maps and the chain that refuses.</summary>
internal static class TableLayout
{
    /// <summary>
    /// Before iptables' filter chains (0), so that nobody's accept rule comes first, and after DNAT (-100) and conntrack (-200).
    /// kube-proxy's nft filter chain is at -110 and only drops what has no endpoints.
    /// </summary>
    public const int Priority = -10;

    /// <summary>The base chain of packets that pass through.</summary>
    public const string Forward = "forward";

    /// <summary>The base chain of packets for the node itself.</summary>
    public const string Input = "input";

    /// <summary>Where every fence ends.</summary>
    public const string Refuse = "refuse";

    private const byte Tcp = 6;
    private const byte DestinationUnreachable = 3;
    private const byte FragmentationNeeded = 4;
    private const byte PacketTooBig = 2;
    private const byte RouterSolicitation = 133;
    private const byte Redirect = 137;

    /// <summary>The map from a local pod's address to its fence.</summary>
    public static NftSet Dispatch(Direction direction, IpFamily family) => (direction, family) switch
    {
        (Direction.Egress, IpFamily.IPv4) => s_egress4,
        (Direction.Egress, _) => s_egress6,
        (_, IpFamily.IPv4) => s_ingress4,
        _ => s_ingress6,
    };

    /// <summary>The set of pairs of a fenced address and itself.</summary>
    public static NftSet Self(IpFamily family) => family == IpFamily.IPv4 ? s_self4 : s_self6;

    /// <summary>
    /// IPv6 addresses that every pod has besides those that policies know. No router forwards them, so in the forward hook they are between two pods of one bridge,
    /// and would go round both fences. Filled while the node fences anybody.
    /// </summary>
    public static NftSet LinkLocal { get; } = new("link-local-v6", NftKey.AddressRange, IpFamily.IPv6, HasVerdicts: false, "addresses that no policy knows");

    /// <summary>What <see cref="LinkLocal"/> holds.</summary>
    /// <param name="fencedAddresses">How many addresses of the node are fenced.</param>
    public static IReadOnlyCollection<NftElement> LinkLocalElements(int fencedAddresses) => fencedAddresses == 0 ? [] : [s_linkLocal];

    /// <summary>The dispatch maps and self sets.</summary>
    public static IReadOnlyList<NftSet> Sets => [s_egress4, s_egress6, s_ingress4, s_ingress6, s_self4, s_self6];

    /// <summary>The set that stands for one of the ruleset's.</summary>
    public static NftSet Set(SetId id) => new(id.Name, id.Kind switch
    {
        SetKind.Addresses => NftKey.Address,
        SetKind.Ranges => NftKey.AddressRange,
        _ => NftKey.Endpoint,
    }, id.Family, HasVerdicts: false, NftComment.Cut(id.Description));

    /// <summary>The chains that do not depend on fences: the refusal first, as the fences lead there.</summary>
    public static IEnumerable<NftChain> Chains(RulesetOptions options)
    {
        yield return RefuseChain(options.DenyAction);
        yield return s_linkLocalChain;
        yield return s_establishedChain;
        var closed = options.UnknownPodIps == UnknownPodIps.Deny;
        foreach (var chain in closed ? UnknownPodIpLayout.Chains : [])
        {
            yield return chain;
        }

        IEnumerable<NftRule> sources = closed ? UnknownPodIpLayout.Rules(PacketEnd.Source) : [];
        IEnumerable<NftRule> destinations = closed ? UnknownPodIpLayout.Rules(PacketEnd.Destination) : [];
        yield return new NftChain(Forward, new NftHook(HookPoint.Forward, Priority),
            [s_established, .. BetweenLinkLocals(), .. sources, .. destinations, .. Dispatches(Direction.Egress), .. Dispatches(Direction.Ingress)],
            "connections from and to the pods of this node");
        if (options.PodToNode == PodToNode.Enforce)
        {
            yield return new NftChain(Input, new NftHook(HookPoint.Input, Priority),
                [s_established, .. sources, .. Dispatches(Direction.Egress)], "connections from the pods of this node to the node itself");
        }
    }

    /// <summary>A rule that ends in a verdict.</summary>
    public static NftRule Rule(string? comment, NftVerdict verdict, params ReadOnlySpan<NftStatement> matches) =>
        new([.. matches, new VerdictStatement(verdict)], comment);

    private static IEnumerable<NftRule> Dispatches(Direction direction)
    {
        var end = direction == Direction.Egress ? PacketEnd.Source : PacketEnd.Destination;
        foreach (var family in IpFamilies.All)
        {
            var pods = direction == Direction.Egress ? "from" : "to";
            yield return new NftRule([new AddressVerdictMap(end, family, Dispatch(direction, family).Name)], $"{pods} fenced pods");
        }
    }

    private static IEnumerable<NftRule> BetweenLinkLocals() =>
        new[] { PacketEnd.Source, PacketEnd.Destination }.Select(static end =>
            Rule("round the fences of a bridge", NftVerdict.Goto(s_linkLocalChain.Name), new AddressMatch(end, IpFamily.IPv6, LinkLocal.Name)));

    private static NftChain RefuseChain(DenyAction refusal)
    {
        var rules = new List<NftRule>();
        foreach (var family in IpFamilies.All)
        {
            rules.Add(Rule("a pod always reaches itself", NftVerdict.Accept, new AddressPairMatch(family, Self(family).Name)));
        }

        // Only the messages without which IPv6 does not work at all, and no echo. Conntrack leaves neighbour discovery untracked, so it comes here.
        for (var type = RouterSolicitation; type <= Redirect; type++)
        {
            rules.Add(Rule("neighbour discovery", NftVerdict.Accept, new IcmpMatch(IpFamily.IPv6, type, null)));
        }

        // Mostly related to a known connection; not so where the packet that was too big went another way.
        rules.Add(Rule("path MTU", NftVerdict.Accept, new IcmpMatch(IpFamily.IPv6, PacketTooBig, null)));
        rules.Add(Rule("path MTU", NftVerdict.Accept, new IcmpMatch(IpFamily.IPv4, DestinationUnreachable, FragmentationNeeded)));
        if (refusal == DenyAction.Drop)
        {
            rules.Add(Rule("not allowed by any policy", NftVerdict.Drop));
        }
        else
        {
            rules.Add(new NftRule([new L4ProtocolMatch(Tcp), new RejectStatement(TcpReset: true)], "not allowed by any policy"));
            rules.Add(new NftRule([new RejectStatement(TcpReset: false)], "not allowed by any policy"));
        }

        return new NftChain(Refuse, null, rules.ToEquatableArray(), "what no policy allows");
    }

    private static NftSet Map(string name, IpFamily family, string comment) => new(name, NftKey.Address, family, HasVerdicts: true, comment);

    private static NftSet Pairs(string name, IpFamily family) => new(name, NftKey.AddressPair, family, HasVerdicts: false, "fenced addresses, each with itself");

    // Without multicast listener discovery (RFC 3810) a bridge that snoops does not know where neighbour solicitations are to go.
    private static readonly byte[] s_multicastListener = [130, 131, 132, 143];
    private static readonly NftChain s_linkLocalChain = new(
        "link-local",
        null,
        [
            .. s_multicastListener.Select(static type => Rule("multicast listener discovery", NftVerdict.Accept, new IcmpMatch(IpFamily.IPv6, type, null))),
            Rule("no policy can allow it", NftVerdict.Goto(Refuse)),
        ],
        "between addresses that no policy knows");
    private static readonly NftElement s_linkLocal = new(SetElement.Of(new IpRange(IpAddress.Parse("fe80::"), Cidr.Parse("fe80::/10").Last)));

    // The kernel remembers a connection for a while after its end. Where the answerer has reset it, a SYN on the same ports is established to it, and would go round a policy that came meanwhile.
    private static readonly NftChain s_establishedChain = new(
        "established",
        null,
        [Rule("begins another", NftVerdict.Return, new TcpBeginMatch()), Rule("was allowed when it began", NftVerdict.Accept)],
        "connections that are known");
    private static readonly NftRule s_established = Rule("was allowed when it began", NftVerdict.Jump(s_establishedChain.Name), new EstablishedMatch());
    private static readonly NftSet s_egress4 = Map("egress-v4", IpFamily.IPv4, "fences for connections from pods");
    private static readonly NftSet s_egress6 = Map("egress-v6", IpFamily.IPv6, "fences for connections from pods");
    private static readonly NftSet s_ingress4 = Map("ingress-v4", IpFamily.IPv4, "fences for connections to pods");
    private static readonly NftSet s_ingress6 = Map("ingress-v6", IpFamily.IPv6, "fences for connections to pods");
    private static readonly NftSet s_self4 = Pairs("self-v4", IpFamily.IPv4);
    private static readonly NftSet s_self6 = Pairs("self-v6", IpFamily.IPv6);
}
