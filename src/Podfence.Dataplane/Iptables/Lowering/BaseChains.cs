using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>The chains that are the same on every node, and the jumps to them.</summary>
internal static class BaseChains
{
    // Source and destination are compared by a classic BPF program, as no set type that every kernel has can hold pairs
    // of addresses.
    private const string SelfIPv4 = "-m bpf --bytecode \"6,32 0 0 12,7 0 0 0,32 0 0 16,29 0 1 0,6 0 0 65535,6 0 0 0\"";
    private const string SelfIPv6 =
        "-m bpf --bytecode \"18,32 0 0 8,7 0 0 0,32 0 0 24,29 0 13 0,32 0 0 12,7 0 0 0,32 0 0 28,29 0 9 0,"
        + "32 0 0 16,7 0 0 0,32 0 0 32,29 0 5 0,32 0 0 20,7 0 0 0,32 0 0 36,29 0 1 0,6 0 0 65535,6 0 0 0\"";

    private const string Return = "-j RETURN";
    private const string NotAllowed = "not allowed by any policy";
    private const int RouterSolicitation = 133;
    private const int Redirect = 137;
    private static readonly string[] s_ends = ["src", "dst"];
    private static readonly int[] s_multicastListener = [130, 131, 132, 143];

    // The kernel tracks a connection for a while after its end. Where the server has reset it, a SYN on the same ports
    // counts as established, and would bypass a policy that was added meanwhile.
    private static readonly IptRule[] s_established =
    [
        IptRule.Of(
            "-p tcp -m conntrack --ctstate RELATED,ESTABLISHED -m tcp ! --tcp-flags SYN,ACK SYN",
            "established",
            Return
        ),
        IptRule.Of("! -p tcp -m conntrack --ctstate RELATED,ESTABLISHED", "established", Return),
    ];

    /// <summary>The jumps from built-in chains.</summary>
    public static IReadOnlyList<IptJump> Jumps(RulesetOptions options)
    {
        List<IptJump> jumps =
        [
            new("FORWARD", IptNames.Forward, "podfence: connections from and to the pods of this node"),
            new("OUTPUT", IptNames.Output, "podfence: connections that this node proxies"),
        ];
        if (options.PodToNode == PodToNode.Enforce)
        {
            jumps.Add(
                new IptJump(
                    "INPUT",
                    IptNames.Input,
                    "podfence: connections from the pods of this node to the node itself"
                )
            );
        }

        return jumps;
    }

    /// <summary>The chains of one family.</summary>
    public static IEnumerable<IptChain> Chains(
        RulesetOptions options,
        IReadOnlyCollection<IpRange> ranges,
        IpFamily family
    )
    {
        yield return new IptChain(IptNames.Deny, [.. Deny(options.DenyAction, family)]);
        if (family == IpFamily.IPv6)
        {
            yield return new IptChain(IptNames.LinkLocal, [.. LinkLocal()]);
        }

        if (options.UnknownPodIps == UnknownPodIps.Deny)
        {
            // An unknown pod IP does not get the exception for a pod that reaches itself.
            yield return new IptChain(IptNames.Unknown, [.. Deny(options.DenyAction, family).Skip(1)]);
            foreach (var chain in UnknownPodIpLowering.Chains(family))
            {
                yield return chain;
            }
        }

        foreach (var chain in Bases(options, ranges, family))
        {
            yield return chain;
        }
    }

    /// <summary>The chains that <see cref="Jumps"/> jump to.</summary>
    public static IEnumerable<IptChain> Bases(
        RulesetOptions options,
        IReadOnlyCollection<IpRange> ranges,
        IpFamily family
    )
    {
        IptRule[] unknown =
            options.UnknownPodIps == UnknownPodIps.Deny ? UnknownPodIpLowering.Rules(ranges, family) : [];
        yield return new IptChain(
            IptNames.Forward,
            [.. s_established, .. BetweenLinkLocals(family), .. unknown, .. Enter(family)]
        );

        // Packets from the node's own sockets are the node's: it always reaches its pods. A source that is not the
        // node's is that of a packet which IPVS or a transparent proxy forwards, and is checked by the fences like a
        // forwarded one.
        const string Foreign = "-m addrtype ! --src-type LOCAL";
        yield return new IptChain(
            IptNames.Output,
            [.. s_established, .. unknown.Concat(Enter(family)).Select(static rule => rule with { After = Foreign })]
        );
        if (options.PodToNode == PodToNode.Enforce)
        {
            yield return new IptChain(
                IptNames.Input,
                [.. s_established, .. unknown.Take(1), Enter(Direction.Egress, family)]
            );
        }
    }

    private static IptRule[] Enter(IpFamily family) =>
        [Enter(Direction.Egress, family), Enter(Direction.Ingress, family)];

    private static IptRule Enter(Direction direction, IpFamily family)
    {
        var (end, comment) = direction == Direction.Egress ? ("src", "from fenced pods") : ("dst", "to fenced pods");
        return new IptRule(
            "",
            new SetMatch(IptNames.DispatchSet(direction, family, ""), end),
            comment,
            $"-j {IptNames.Dispatch(direction)}"
        );
    }

    private static IEnumerable<IptRule> BetweenLinkLocals(IpFamily family) =>
        family == IpFamily.IPv4
            ? []
            : s_ends.Select(static end => new IptRule(
                "",
                new SetMatch(IptNames.LinkLocalSet, end),
                "link-local bypass on a bridge",
                $"-g {IptNames.LinkLocal}"
            ));

    private static IEnumerable<IptRule> LinkLocal() =>
        [
            .. s_multicastListener.Select(static type =>
                IptRule.Of(Icmp6(type), "multicast listener discovery", Return)
            ),
            IptRule.Of("", "denied: no policy covers link-local", $"-g {IptNames.Deny}"),
        ];

    private static IEnumerable<IptRule> Deny(DenyAction action, IpFamily family)
    {
        yield return IptRule.Of(family == IpFamily.IPv4 ? SelfIPv4 : SelfIPv6, "a pod always reaches itself", Return);
        if (family == IpFamily.IPv4)
        {
            yield return IptRule.Of("-p icmp -m icmp --icmp-type 3/4", "path MTU", Return);
        }
        else
        {
            for (var type = RouterSolicitation; type <= Redirect; type++)
            {
                yield return IptRule.Of(Icmp6(type), "neighbour discovery", Return);
            }

            yield return IptRule.Of(Icmp6(2), "path MTU", Return);
        }

        if (action == Rulesets.DenyAction.Drop)
        {
            yield return IptRule.Of("", NotAllowed, "-j DROP");
        }
        else
        {
            yield return IptRule.Of("-p tcp", NotAllowed, "-j REJECT --reject-with tcp-reset");
            yield return IptRule.Of(
                "",
                NotAllowed,
                $"-j REJECT --reject-with {(family == IpFamily.IPv4 ? "icmp" : "icmp6")}-port-unreachable"
            );
        }
    }

    private static string Icmp6(int type) => $"-p ipv6-icmp -m icmp6 --icmpv6-type {type}";
}
