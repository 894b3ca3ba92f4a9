using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// The part of the table that is the same on every node: names, base chains, dispatch maps and the deny chain.
/// </summary>
internal static class TableLayout
{
    /// <summary>
    /// Before iptables' filter chains (0), so that no accept rule of another program comes first, and after DNAT (-100)
    /// and conntrack (-200). kube-proxy's nft filter chain is at -110 and only drops what has no endpoints.
    /// </summary>
    public const int Priority = -10;

    /// <summary>The base chain of forwarded packets.</summary>
    public const string Forward = "forward";

    /// <summary>The base chain of packets for the node itself.</summary>
    public const string Input = "input";

    /// <summary>The deny chain, where every fence ends.</summary>
    public const string Deny = "deny";

    private const byte Tcp = 6;
    private const byte DestinationUnreachable = 3;
    private const byte FragmentationNeeded = 4;
    private const byte PacketTooBig = 2;
    private const byte RouterSolicitation = 133;
    private const byte Redirect = 137;

    /// <summary>The dispatch map from a local pod's address to its fence.</summary>
    public static NftSet Dispatch(Direction direction, IpFamily family) =>
        (direction, family) switch
        {
            (Direction.Egress, IpFamily.IPv4) => s_egress4,
            (Direction.Egress, _) => s_egress6,
            (_, IpFamily.IPv4) => s_ingress4,
            _ => s_ingress6,
        };

    /// <summary>The set of pairs of a fenced address and itself.</summary>
    public static NftSet Self(IpFamily family) => family == IpFamily.IPv4 ? s_self4 : s_self6;

    /// <summary>
    /// IPv6 link-local addresses, which every pod has besides its pod IPs. No router forwards them, so in the forward
    /// hook they are between two pods of one bridge, and would bypass both fences. Filled while the node fences any
    /// pod.
    /// </summary>
    public static NftSet LinkLocal { get; } =
        new("link-local-v6", NftKey.AddressRange, IpFamily.IPv6, HasVerdicts: false, "link-local addresses");

    /// <summary>The elements of <see cref="LinkLocal"/>.</summary>
    /// <param name="fencedAddresses">How many addresses of the node are fenced.</param>
    public static IReadOnlyCollection<NftElement> LinkLocalElements(int fencedAddresses) =>
        fencedAddresses == 0 ? [] : [s_linkLocal];

    /// <summary>The dispatch maps and self sets.</summary>
    public static IReadOnlyList<NftSet> Sets => [s_egress4, s_egress6, s_ingress4, s_ingress6, s_self4, s_self6];

    /// <summary>The nft set of a set of the ruleset.</summary>
    public static NftSet Set(SetId id) =>
        new(
            id.Name,
            id.Kind switch
            {
                SetKind.Addresses => NftKey.Address,
                SetKind.Ranges => NftKey.AddressRange,
                _ => NftKey.Endpoint,
            },
            id.Family,
            HasVerdicts: false,
            NftComment.Cut(id.Description)
        );

    /// <summary>The chains that do not depend on fences: the deny chain first, as the fences go to it.</summary>
    public static IEnumerable<NftChain> Chains(RulesetOptions options)
    {
        yield return DenyChain(options.DenyAction);
        yield return s_linkLocalChain;
        yield return s_establishedChain;
        var closed = options.UnknownPodIps == UnknownPodIps.Deny;
        foreach (var chain in closed ? UnknownPodIpLayout.Chains : [])
        {
            yield return chain;
        }

        IEnumerable<NftRule> sources = closed ? UnknownPodIpLayout.Rules(PacketEnd.Source) : [];
        IEnumerable<NftRule> destinations = closed ? UnknownPodIpLayout.Rules(PacketEnd.Destination) : [];
        yield return new NftChain(
            Forward,
            new NftHook(HookPoint.Forward, Priority),
            [
                s_established,
                .. BetweenLinkLocals(),
                .. sources,
                .. destinations,
                .. Dispatches(Direction.Egress),
                .. Dispatches(Direction.Ingress),
            ],
            "connections from and to the pods of this node"
        );
        if (options.PodToNode == PodToNode.Enforce)
        {
            yield return new NftChain(
                Input,
                new NftHook(HookPoint.Input, Priority),
                [s_established, .. sources, .. Dispatches(Direction.Egress)],
                "connections from the pods of this node to the node itself"
            );
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
            yield return new NftRule(
                [new AddressVerdictMap(end, family, Dispatch(direction, family).Name)],
                $"{pods} fenced pods"
            );
        }
    }

    private static IEnumerable<NftRule> BetweenLinkLocals() =>
        new[] { PacketEnd.Source, PacketEnd.Destination }.Select(static end =>
            Rule(
                "link-local bypass on a bridge",
                NftVerdict.Goto(s_linkLocalChain.Name),
                new AddressMatch(end, IpFamily.IPv6, LinkLocal.Name)
            )
        );

    private static NftChain DenyChain(DenyAction action)
    {
        var rules = new List<NftRule>();
        foreach (var family in IpFamilies.All)
        {
            rules.Add(
                Rule("a pod always reaches itself", NftVerdict.Accept, new AddressPairMatch(family, Self(family).Name))
            );
        }

        // Only the messages without which IPv6 does not work at all, and no echo. Conntrack leaves neighbour discovery
        // untracked, so it comes here.
        for (var type = RouterSolicitation; type <= Redirect; type++)
        {
            rules.Add(Rule("neighbour discovery", NftVerdict.Accept, new IcmpMatch(IpFamily.IPv6, type, null)));
        }

        // Usually RELATED to a tracked connection; not if the packet that was too big took another route.
        rules.Add(Rule("path MTU", NftVerdict.Accept, new IcmpMatch(IpFamily.IPv6, PacketTooBig, null)));
        rules.Add(
            Rule(
                "path MTU",
                NftVerdict.Accept,
                new IcmpMatch(IpFamily.IPv4, DestinationUnreachable, FragmentationNeeded)
            )
        );
        if (action == DenyAction.Drop)
        {
            rules.Add(Rule("not allowed by any policy", NftVerdict.Drop));
        }
        else
        {
            rules.Add(
                new NftRule(
                    [new L4ProtocolMatch(Tcp), new RejectStatement(TcpReset: true)],
                    "not allowed by any policy"
                )
            );
            rules.Add(new NftRule([new RejectStatement(TcpReset: false)], "not allowed by any policy"));
        }

        return new NftChain(Deny, null, rules.ToEquatableArray(), "default deny");
    }

    private static NftSet Map(string name, IpFamily family, string comment) =>
        new(name, NftKey.Address, family, HasVerdicts: true, comment);

    private static NftSet Pairs(string name, IpFamily family) =>
        new(name, NftKey.AddressPair, family, HasVerdicts: false, "a fenced address to itself");

    // Without multicast listener discovery (RFC 3810) a snooping bridge does not know where to send neighbour
    // solicitations.
    private static readonly byte[] s_multicastListener = [130, 131, 132, 143];
    private static readonly NftChain s_linkLocalChain = new(
        "link-local",
        null,
        [
            .. s_multicastListener.Select(static type =>
                Rule("multicast listener discovery", NftVerdict.Accept, new IcmpMatch(IpFamily.IPv6, type, null))
            ),
            Rule("denied: no policy covers link-local", NftVerdict.Goto(Deny)),
        ],
        "link-local traffic between pods"
    );
    private static readonly NftElement s_linkLocal = new(
        SetElement.Of(new IpRange(IpAddress.Parse("fe80::"), Cidr.Parse("fe80::/10").Last))
    );

    // The kernel tracks a connection for a while after its end. Where the server has reset it, a SYN on the same ports
    // counts as established, and would bypass a policy that was added meanwhile.
    private static readonly NftChain s_establishedChain = new(
        "established",
        null,
        [
            Rule("new SYN on a tracked tuple", NftVerdict.Return, new TcpBeginMatch()),
            Rule("established", NftVerdict.Accept),
        ],
        "tracked connections"
    );
    private static readonly NftRule s_established = Rule(
        "established",
        NftVerdict.Jump(s_establishedChain.Name),
        new EstablishedMatch()
    );
    private static readonly NftSet s_egress4 = Map("egress-v4", IpFamily.IPv4, "fences for connections from pods");
    private static readonly NftSet s_egress6 = Map("egress-v6", IpFamily.IPv6, "fences for connections from pods");
    private static readonly NftSet s_ingress4 = Map("ingress-v4", IpFamily.IPv4, "fences for connections to pods");
    private static readonly NftSet s_ingress6 = Map("ingress-v6", IpFamily.IPv6, "fences for connections to pods");
    private static readonly NftSet s_self4 = Pairs("self-v4", IpFamily.IPv4);
    private static readonly NftSet s_self6 = Pairs("self-v6", IpFamily.IPv6);
}
