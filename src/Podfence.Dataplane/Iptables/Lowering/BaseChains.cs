using Podfence.Model;
using Podfence.Rules;

namespace Podfence.Dataplane.Iptables;

/// <summary>The chains that are the same on every node, and the jumps to them.</summary>
internal static class BaseChains
{
    // Source and destination compared by a classic BPF program, as no type of set that every kernel has can hold pairs of addresses.
    private const string SelfIPv4 = "-m bpf --bytecode \"6,32 0 0 12,7 0 0 0,32 0 0 16,29 0 1 0,6 0 0 65535,6 0 0 0\"";
    private const string SelfIPv6 =
        "-m bpf --bytecode \"18,32 0 0 8,7 0 0 0,32 0 0 24,29 0 13 0,32 0 0 12,7 0 0 0,32 0 0 28,29 0 9 0,32 0 0 16,7 0 0 0,32 0 0 32,29 0 5 0,32 0 0 20,7 0 0 0,32 0 0 36,29 0 1 0,6 0 0 65535,6 0 0 0\"";

    private const string Return = "-j RETURN";
    private const string NotAllowed = "not allowed by any policy";
    private const int RouterSolicitation = 133;
    private const int Redirect = 137;
    private static readonly string[] s_ends = ["src", "dst"];
    private static readonly int[] s_multicastListener = [130, 131, 132, 143];

    // The kernel remembers a connection for a while after its end. Where the answerer has reset it, a SYN on the same ports is established to it, and would go round a policy that came meanwhile.
    private static readonly XtRule[] s_established =
    [
        XtRule.Of("-p tcp -m conntrack --ctstate RELATED,ESTABLISHED -m tcp ! --tcp-flags SYN,ACK SYN", "was allowed when it began", Return),
        XtRule.Of("! -p tcp -m conntrack --ctstate RELATED,ESTABLISHED", "was allowed when it began", Return),
    ];

    /// <summary>Our jumps.</summary>
    public static IReadOnlyList<XtJump> Jumps(RulesetOptions options)
    {
        List<XtJump> jumps =
        [
            new("FORWARD", XtNames.Forward, "podfence: connections from and to the pods of this node"),
            new("OUTPUT", XtNames.Output, "podfence: connections that this node sends on for others"),
        ];
        if (options.OwnNodeEgress == OwnNodeEgress.Fence)
        {
            jumps.Add(new XtJump("INPUT", XtNames.Input, "podfence: connections from the pods of this node to the node itself"));
        }

        return jumps;
    }

    /// <summary>The chains of one family.</summary>
    public static IEnumerable<XtChain> Chains(RulesetOptions options, IReadOnlyCollection<IpRange> ranges, IpFamily family)
    {
        yield return new XtChain(XtNames.Refuse, [.. Refuse(options.Refusal, family)]);
        if (family == IpFamily.IPv6)
        {
            yield return new XtChain(XtNames.LinkLocal, [.. LinkLocal()]);
        }

        if (options.UnknownAddresses == UnknownAddresses.Closed)
        {
            // Who is not known is not even known to be itself.
            yield return new XtChain(XtNames.Unknown, [.. Refuse(options.Refusal, family).Skip(1)]);
            foreach (var chain in UnknownLowering.Chains(family))
            {
                yield return chain;
            }
        }

        foreach (var chain in Bases(options, ranges, family))
        {
            yield return chain;
        }
    }

    /// <summary>The chains that <see cref="Jumps"/> lead to.</summary>
    public static IEnumerable<XtChain> Bases(RulesetOptions options, IReadOnlyCollection<IpRange> ranges, IpFamily family)
    {
        XtRule[] unknown = options.UnknownAddresses == UnknownAddresses.Closed ? UnknownLowering.Rules(ranges, family) : [];
        yield return new XtChain(XtNames.Forward, [.. s_established, .. BetweenLinkLocals(family), .. unknown, .. Enter(family)]);

        // What the node's own sockets send is the node's: it always reaches its pods. A source that is not the node's is that of a packet which IPVS or a transparent
        // proxy sends on, and is held against the fences as if it had been forwarded.
        const string Foreign = "-m addrtype ! --src-type LOCAL";
        yield return new XtChain(XtNames.Output, [.. s_established, .. unknown.Concat(Enter(family)).Select(static rule => rule with { After = Foreign })]);
        if (options.OwnNodeEgress == OwnNodeEgress.Fence)
        {
            yield return new XtChain(XtNames.Input, [.. s_established, .. unknown.Take(1), Enter(Direction.Egress, family)]);
        }
    }

    private static XtRule[] Enter(IpFamily family) => [Enter(Direction.Egress, family), Enter(Direction.Ingress, family)];

    private static XtRule Enter(Direction direction, IpFamily family)
    {
        var (end, comment) = direction == Direction.Egress ? ("src", "from fenced pods") : ("dst", "to fenced pods");
        return new XtRule("", new SetMatch(XtNames.DispatchSet(direction, family, ""), end), comment, $"-j {XtNames.Dispatch(direction)}");
    }

    private static IEnumerable<XtRule> BetweenLinkLocals(IpFamily family) => family == IpFamily.IPv4
        ? []
        : s_ends.Select(static end => new XtRule("", new SetMatch(XtNames.LinkLocalSet, end), "round the fences of a bridge", $"-g {XtNames.LinkLocal}"));

    private static IEnumerable<XtRule> LinkLocal() =>
    [
        .. s_multicastListener.Select(static type => XtRule.Of(Icmp6(type), "multicast listener discovery", Return)),
        XtRule.Of("", "no policy can allow it", $"-g {XtNames.Refuse}"),
    ];

    private static IEnumerable<XtRule> Refuse(Refusal refusal, IpFamily family)
    {
        yield return XtRule.Of(family == IpFamily.IPv4 ? SelfIPv4 : SelfIPv6, "a pod always reaches itself", Return);
        if (family == IpFamily.IPv4)
        {
            yield return XtRule.Of("-p icmp -m icmp --icmp-type 3/4", "path MTU", Return);
        }
        else
        {
            for (var type = RouterSolicitation; type <= Redirect; type++)
            {
                yield return XtRule.Of(Icmp6(type), "neighbour discovery", Return);
            }

            yield return XtRule.Of(Icmp6(2), "path MTU", Return);
        }

        if (refusal == Rules.Refusal.Drop)
        {
            yield return XtRule.Of("", NotAllowed, "-j DROP");
        }
        else
        {
            yield return XtRule.Of("-p tcp", NotAllowed, "-j REJECT --reject-with tcp-reset");
            yield return XtRule.Of("", NotAllowed, $"-j REJECT --reject-with {(family == IpFamily.IPv4 ? "icmp" : "icmp6")}-port-unreachable");
        }
    }

    private static string Icmp6(int type) => $"-p ipv6-icmp -m icmp6 --icmpv6-type {type}";
}
