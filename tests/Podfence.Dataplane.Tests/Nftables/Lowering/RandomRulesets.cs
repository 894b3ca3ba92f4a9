using CsCheck;
using Podfence.Base;
using Podfence.Compilation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

/// <summary>
/// Rulesets over a small world, so that two of them share much. Whatever a compiler may write occurs: every kind of
/// set, rule and branch.
/// </summary>
internal static class RandomRulesets
{
    /// <summary>Two rulesets with the same options.</summary>
    public static Gen<(Ruleset First, Ruleset Second)> Pairs { get; } =
        Gen.Select(Gen.Int, Gen.Int[0, 6], Gen.Int[0, 6], Gen.Bool, Gen.Bool)
            .Select(
                (seed, first, second, drop, fence) =>
                {
                    var random = new Random(seed);
                    var options = new RulesetOptions
                    {
                        DenyAction = drop ? DenyAction.Drop : DenyAction.Reject,
                        PodToNode = fence ? PodToNode.Enforce : PodToNode.Allow,
                        UnknownPodIps = random.Next(2) == 0 ? UnknownPodIps.Deny : UnknownPodIps.Allow,
                    };
                    return (Make(random, first, options), Make(random, second, options));
                }
            );

    /// <summary>An address of the small world.</summary>
    public static IpAddress Address(IpFamily family, int number) =>
        new(
            family,
            (
                family == IpFamily.IPv4
                    ? 0x0a000000
                    : UInt128.Parse("fd000000000000000000000000000000", System.Globalization.NumberStyles.HexNumber)
            ) + (UInt128)number
        );

    private static Ruleset Make(Random random, int size, RulesetOptions options)
    {
        var sets = new Dictionary<SetId, IEnumerable<SetElement>>();
        var fences = new Dictionary<string, Fence>();
        for (var i = 0; i < size * 2; i++)
        {
            var fence = MakeFence(random, random.Next(size), sets);
            fences[fence.Name] = fence;
        }

        // Overwritten fences leave unreferenced sets.
        var used = fences.Values.SelectMany(Peers).ToHashSet();
        var ranges = MakePodRanges(random, options);
        var endpoints = MakeEndpoints(random, fences);
        return new Ruleset
        {
            Options = options,
            PodRanges = ranges,
            KnownPodIps =
            [
                .. IpFamilies
                    .All.SelectMany(static family => Enumerable.Range(0, 10).Select(number => Address(family, number)))
                    .Where(address =>
                        (endpoints.ContainsKey(address) || random.Next(2) == 0)
                        && ranges.Any(range => range.Contains(address))
                    ),
            ],
            Sets = sets.Where(set => used.Contains(set.Key)).ToDictionary(set => set.Key, set => set.Value),
            Fences = fences,
            Endpoints = endpoints,
        };
    }

    private static EquatableArray<IpRange> MakePodRanges(Random random, RulesetOptions options) =>
        options.UnknownPodIps == UnknownPodIps.Allow
            ? default
            : IpFamilies
                .All.Where(_ => random.Next(4) != 0)
                .Select(family => new IpRange(Address(family, 4 * random.Next(2)), Address(family, 7 + random.Next(2))))
                .ToEquatableArray();

    private static Fence MakeFence(Random random, int number, Dictionary<SetId, IEnumerable<SetElement>> sets)
    {
        var direction = random.Next(2) == 0 ? Direction.Ingress : Direction.Egress;
        var family = Family(random);
        return new Fence
        {
            Name =
                $"{(direction == Direction.Ingress ? "ingress" : "egress")}/default/p{number}-{(family == IpFamily.IPv4 ? "v4" : "v6")}",
            Direction = direction,
            Family = family,
            Policies = [new PolicyKey("default", $"p{number}")],
            Rules = MakeRules(random, family, random.Next(4), sets, withPorts: true),
            Branches = random.Next(2) == 0 ? [] : MakeBranches(random, family, sets),
        };
    }

    private static EquatableArray<PortBranch> MakeBranches(
        Random random,
        IpFamily family,
        Dictionary<SetId, IEnumerable<SetElement>> sets
    )
    {
        var ranged = random.Next(2) == 0;
        var branches = new List<PortBranch>();
        foreach (var protocol in (Protocol[])[Protocol.Tcp, Protocol.Udp, Protocol.Sctp])
        {
            var next = 0;
            while (random.Next(3) != 0 && next < 12)
            {
                var first = next + random.Next(3);
                var last = ranged ? first + random.Next(3) : first;
                next = last + 1;
                var span = new PortRange(protocol, (ushort)first, (ushort)last);
                branches.Add(
                    new PortBranch(span, MakeRules(random, family, 1 + random.Next(2), sets, withPorts: false))
                );
            }
        }

        return branches.ToEquatableArray();
    }

    private static EquatableArray<AllowRule> MakeRules(
        Random random,
        IpFamily family,
        int count,
        Dictionary<SetId, IEnumerable<SetElement>> sets,
        bool withPorts
    )
    {
        var rules = new List<AllowRule>();
        for (var i = 0; i < count; i++)
        {
            SetId? peer = random.Next(4) == 0 ? null : MakeSet(random, family, sets);
            PortRange? ports = !withPorts || random.Next(2) == 0 ? null : MakeSpan(random);
            rules.Add(new AllowRule(peer, ports, [new PolicyKey("default", $"p{random.Next(3)}")]));
        }

        return rules.ToEquatableArray();
    }

    private static PortRange MakeSpan(Random random)
    {
        var protocol = random.Next(2) == 0 ? Protocol.Tcp : Protocol.Udp;
        var first = (ushort)random.Next(10);
        return random.Next(4) == 0
            ? PortRange.WholeProtocol(protocol)
            : new PortRange(protocol, first, (ushort)(first + random.Next(4)));
    }

    private static SetId MakeSet(Random random, IpFamily family, Dictionary<SetId, IEnumerable<SetElement>> sets)
    {
        var kind = (SetKind)random.Next(3);
        var elements = new SortedSet<SetElement>();
        if (kind == SetKind.Ranges)
        {
            for (var at = random.Next(3); at < 10; at += 1 + random.Next(4))
            {
                var last = at + random.Next(3);
                elements.Add(SetElement.Of(new IpRange(Address(family, at), Address(family, last))));
                at = last;
            }
        }
        else
        {
            for (var i = random.Next(6); i > 0; i--)
            {
                var address = Address(family, random.Next(10));
                elements.Add(
                    kind == SetKind.Addresses
                        ? SetElement.Of(address)
                        : SetElement.Of(address, random.Next(2) == 0 ? Protocol.Tcp : Protocol.Udp, random.Next(10))
                );
            }
        }

        // Ranges are named by content, the others by what they stand for.
        var v = family == IpFamily.IPv4 ? "v4" : "v6";
        var name =
            kind == SetKind.Ranges
                ? $"ranges-{v}/{string.Join('_', elements.Select(range => $"{range.First.Value & 0xff}-{range.Last.Value & 0xff}"))}"
                : $"{kind}-{v}/s{random.Next(3)}";
        var id = new SetId(name, kind, family);
        sets.TryAdd(id, elements);
        return id;
    }

    private static Dictionary<IpAddress, FencedEndpoint> MakeEndpoints(Random random, Dictionary<string, Fence> fences)
    {
        var endpoints = new Dictionary<IpAddress, FencedEndpoint>();
        for (var i = 0; i < 6; i++)
        {
            var family = Family(random);
            var ingress = Pick(random, fences, Direction.Ingress, family);
            var egress = Pick(random, fences, Direction.Egress, family);
            if (ingress is not null || egress is not null)
            {
                endpoints[Address(family, random.Next(10))] = new FencedEndpoint(
                    new PodKey("default", $"pod{random.Next(3)}"),
                    ingress,
                    egress
                );
            }
        }

        return endpoints;
    }

    private static string? Pick(Random random, Dictionary<string, Fence> fences, Direction direction, IpFamily family)
    {
        var names = fences
            .Values.Where(fence => fence.Direction == direction && fence.Family == family)
            .Select(fence => fence.Name)
            .ToList();
        var choice = random.Next(names.Count + 1);
        return choice == names.Count ? null : names[choice];
    }

    private static IEnumerable<SetId> Peers(Fence fence) =>
        fence.Rules.Concat(fence.Branches.SelectMany(branch => branch.Rules)).Select(rule => rule.Peer).OfType<SetId>();

    private static IpFamily Family(Random random) => random.Next(3) == 0 ? IpFamily.IPv6 : IpFamily.IPv4;
}
