using CsCheck;
using Podfence.Base;
using Podfence.Dataplane.Nftables;
using Podfence.Evaluation;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Tests;

/// <summary>Random tables of everything that the objects can express and nft would write the same way.</summary>
internal static class NftGen
{
    private static readonly string[] Leaves = ["leaf", "deny/a.b-c_d"];

    private static readonly Gen<string?> Comment = Gen.OneOf<string>(
            "a",
            "Z",
            "0",
            "/",
            ".",
            "-",
            "_ ",
            ": ",
            "ä",
            "€",
            "𝄞",
            "long "
        )
        .Array[0, 90]
        .Select(parts => string.Concat(parts).Trim())
        .Select(text => text.Length == 0 ? null : text);

    private static readonly Gen<IpFamily> Family = Gen.OneOf<IpFamily>(IpFamily.IPv4, IpFamily.IPv6);

    private static readonly Gen<Protocol> Protocols = Gen.OneOf<Protocol>(Protocol.Tcp, Protocol.Udp, Protocol.Sctp);

    private static readonly Gen<ushort> Port = Gen.OneOf<ushort>(Gen.OneOf<ushort>(0, 1, 80, 65534, 65535), Gen.UShort);

    private static readonly Gen<PortRange> Span = Gen.Select(Protocols, Port, Port)
        .Select((protocol, a, b) => new PortRange(protocol, Math.Min(a, b), Math.Max(a, b)));

    private static readonly Gen<NftVerdict> Verdict = Gen.OneOf<NftVerdict>(
        Gen.OneOf<NftVerdict>(NftVerdict.Accept, NftVerdict.Drop, NftVerdict.Return),
        Gen.OneOf<string>(Leaves).Select(NftVerdict.Jump),
        Gen.OneOf<string>(Leaves).Select(NftVerdict.Goto)
    );

    internal static Gen<NftTable> Table { get; } =
        from sets in Sets()
        let names = sets.ToDictionary(content => content.Set.Name)
        from leaves in LeafChains()
        from chains in Chain(sets).Array[0, 3]
        select new NftTable(
            leaves
                .Concat(chains.Select((chain, i) => chain with { Name = $"chain/{i}" }))
                .ToDictionary(chain => chain.Name),
            names
        );

    /// <summary>What makes a table, in the order that the kernel needs.</summary>
    internal static IReadOnlyList<NftOperation> Operations(NftTable table) =>
        [
            new AddTable(),
            new DeleteTable(),
            new AddTable(),
            .. table.Chains.Values.Select(chain => new AddChain(chain)),
            .. table.Sets.Values.Select(content => new AddSet(content.Set)),
            .. table.Sets.Values.Select(content => new AddElements(content.Set, content.Elements)),
            .. table.Chains.Values.Select(chain => new AddRules(chain.Name, chain.Rules)),
        ];

    private static Gen<IpAddress> Address(IpFamily family)
    {
        var max = family == IpFamily.IPv4 ? uint.MaxValue : UInt128.MaxValue;
        return Gen.OneOf<UInt128>(
                Gen.OneOf<UInt128>(0, 1, 0x0a000000, max - 1, max),
                Gen.Select(Gen.ULong, Gen.ULong).Select((high, low) => new UInt128(high, low) & max)
            )
            .Select(value => new IpAddress(family, value));
    }

    private static Gen<NftSetContent[]> Sets() =>
        from contents in Gen.Select(Gen.Enum<NftKey>(), Family, Gen.Bool, Comment)
            .SelectMany(
                (key, family, map, comment) =>
                {
                    var set = new NftSet("", key, key is NftKey.Port or NftKey.PortRange ? null : family, map, comment);
                    return Elements(set).Select(elements => new NftSetContent(set, elements));
                }
            )
            .Array[0, 8]
        select contents
            .Select((content, i) => content with { Set = content.Set with { Name = $"set/{i}-{content.Set.Key}" } })
            .ToArray();

    private static Gen<NftElement[]> Elements(NftSet set) =>
        from keys in Keys(set)
        from verdicts in Verdict.Array[keys.Length]
        from comments in Comment.Array[keys.Length]
        select keys.Select(
                (key, i) => key with { Verdict = set.HasVerdicts ? verdicts[i] : null, Comment = comments[i] }
            )
            .ToArray();

    private static Gen<NftElement[]> Keys(NftSet set)
    {
        var family = set.Family ?? IpFamily.IPv4;
        return set.Key switch
        {
            NftKey.Address => Distinct(Address(family).Select(SetElement.Of)),
            NftKey.AddressRange => Address(family)
                .Array[0, 12]
                .Select(bounds =>
                    bounds
                        .Distinct()
                        .Order()
                        .Chunk(2)
                        .Select(pair => new NftElement(SetElement.Of(new IpRange(pair[0], pair[^1]))))
                        .ToArray()
                ),
            NftKey.AddressPair => Distinct(
                Gen.Select(Address(family), Address(family)).Select((a, b) => new SetElement(a, b, default, 0))
            ),
            NftKey.Endpoint => Distinct(
                Gen.Select(Address(family), Protocols, Port)
                    .Select((a, protocol, port) => SetElement.Of(a, protocol, port))
            ),
            NftKey.Port => Gen.Select(Protocols, Port)
                .Array[0, 6]
                .Select(all =>
                    all.Distinct()
                        .Select(port => new NftElement(default, new PortRange(port.Item1, port.Item2, port.Item2)))
                        .ToArray()
                ),
            _ => Gen.Select(Protocols, Port.Array[0, 8])
                .Select(
                    (protocol, bounds) =>
                        bounds
                            .Distinct()
                            .Order()
                            .Chunk(2)
                            .Select(pair => new NftElement(default, new PortRange(protocol, pair[0], pair[^1])))
                            .ToArray()
                ),
        };
    }

    private static Gen<NftElement[]> Distinct(Gen<SetElement> key) =>
        key.Array[0, 6].Select(keys => keys.Distinct().Select(one => new NftElement(one)).ToArray());

    private static Gen<NftChain[]> LeafChains() =>
        from rules in Rule([]).Array[0, 3]
        from comment in Comment
        select new[]
        {
            new NftChain(Leaves[0], null, [], comment),
            new NftChain(Leaves[1], null, rules.Select(NoJump).ToEquatableArray()),
        };

    private static NftRule NoJump(NftRule rule) =>
        rule with
        {
            Statements = ((IEnumerable<NftStatement>)rule.Statements)
                .Select(statement =>
                    statement is VerdictStatement { Verdict.Chain: not null }
                        ? new VerdictStatement(NftVerdict.Drop)
                        : statement
                )
                .ToEquatableArray(),
        };

    private static Gen<NftChain> Chain(NftSetContent[] sets) =>
        from rules in Rule(sets).Array[0, 6]
        from comment in Comment
        from hook in Gen.Select(Gen.Enum<HookPoint>(), Gen.Int[-400, 400])
            .Select((point, priority) => new NftHook(point, priority))
            .Null()
        select new NftChain("", hook, rules.ToEquatableArray(), comment);

    private static Gen<NftRule> Rule(NftSetContent[] sets) =>
        from established in Gen.Bool
        from family in Family
        from matches in Subset(
            sets.Where(content => !content.Set.HasVerdicts)
                .Select(content => Match(content.Set, family))
                .OfType<Gen<NftStatement>>()
                .ToArray()
        )
        from transport in matches.Any(match => match is EndpointMatch)
            ? Gen.Const(Array.Empty<NftStatement>())
            : Transport(family)
        from end in End(sets, family, transport)
        from comment in Comment
        select new NftRule(
            [.. established ? new NftStatement[] { new EstablishedMatch() } : [], .. matches, .. transport, end],
            comment
        );

    private static Gen<NftStatement[]> Subset(Gen<NftStatement>[] all) =>
        all.Length == 0 ? Gen.Const(Array.Empty<NftStatement>()) : Gen.OneOf<NftStatement>(all).Array[0, 2];

    private static Gen<NftStatement>? Match(NftSet set, IpFamily family) =>
        set.Family != family
            ? null
            : set.Key switch
            {
                NftKey.Address or NftKey.AddressRange => Gen.Enum<PacketEnd>()
                    .Select(end => (NftStatement)new AddressMatch(end, family, set.Name)),
                NftKey.AddressPair => Gen.Const((NftStatement)new AddressPairMatch(family, set.Name)),
                NftKey.Endpoint => Gen.Const((NftStatement)new EndpointMatch(family, set.Name)),
                _ => null,
            };

    private static Gen<NftStatement[]> Transport(IpFamily family) =>
        Gen.OneOf<NftStatement[]>(
            Gen.Const(Array.Empty<NftStatement>()),
            Span.Select(span => new NftStatement[] { new PortMatch(span) }),
            Gen.Const(new NftStatement[] { new LoopbackMatch() }),
            Gen.Const<NftStatement[]>([new TcpBeginMatch()]),
            Gen.OneOf<byte>(6, 17, 47, 50, 132)
                .Select(protocol => new NftStatement[] { new L4ProtocolMatch(protocol) }),
            Gen.Select(Gen.Byte, Gen.Byte.Nullable())
                .Select((type, code) => new NftStatement[] { new IcmpMatch(family, type, code) })
        );

    private static Gen<NftStatement> End(NftSetContent[] sets, IpFamily family, NftStatement[] transport)
    {
        var ends = new List<Gen<NftStatement>>
        {
            Verdict.Select(verdict => (NftStatement)new VerdictStatement(verdict)),
            Gen.Const((NftStatement)new RejectStatement(false)),
        };
        if (transport is [L4ProtocolMatch { Protocol: 6 }] or [PortMatch { Ports.Protocol: Protocol.Tcp }])
        {
            ends.Add(Gen.Const((NftStatement)new RejectStatement(true)));
        }

        foreach (var set in sets.Select(content => content.Set).Where(set => set.HasVerdicts))
        {
            // A port of a protocol that is known already is something that nft 1.0.6 prints as another, or dies of
            // (payload.c:931).
            if (set.Key is NftKey.Port or NftKey.PortRange && transport.Length == 0)
            {
                ends.Add(Gen.Const((NftStatement)new PortVerdictMap(set.Name)));
            }
            else if (set.Key is NftKey.Address or NftKey.AddressRange && set.Family == family)
            {
                ends.Add(
                    Gen.Enum<PacketEnd>().Select(end => (NftStatement)new AddressVerdictMap(end, family, set.Name))
                );
            }
        }

        return Gen.OneOf<NftStatement>([.. ends]);
    }
}
