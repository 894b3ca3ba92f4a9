using CsCheck;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation.Tests;

public sealed class PortTreeTests
{
    private static readonly PolicyKey s_policy = new("default", "p");

    [Fact]
    public void Branches_AnyRules_AllowTheSamePeersAtEachPort() =>
        Rule.List[1, 40]
            .Sample(
                rules =>
                {
                    var (branches, sets) = Build(rules, maxSets: 3);
                    foreach (var port in rules.SelectMany(rule => Edges(rule.Ports)).Distinct())
                    {
                        var expected = rules
                            .Where(rule => rule.Ports.Contains(Protocol.Tcp, port))
                            .Select(rule => rule.Peer)
                            .Distinct()
                            .Order()
                            .ToList();
                        var allowed = branches
                            .Where(branch => branch.Ports.Contains(Protocol.Tcp, port))
                            .SelectMany(branch => branch.Rules)
                            .ToList();
                        var actual = allowed.Any(rule => rule.Peer is null)
                            ? [AnyPeer]
                            : allowed
                                .SelectMany(rule => sets[rule.Peer!].Sources)
                                .Select(PeerOf)
                                .Distinct()
                                .Order()
                                .ToList();
                        if (!(expected.Contains(AnyPeer) ? [AnyPeer] : expected).SequenceEqual(actual))
                        {
                            return false;
                        }
                    }

                    return branches.Zip(branches.Skip(1)).All(pair => pair.First.Ports.Last < pair.Second.Ports.First);
                },
                iter: 2_000
            );

    [Fact]
    public void Branches_ThousandNestedRangesOfDistinctPeers_StayLogarithmic()
    {
        var rules = Enumerable
            .Range(1, 1_000)
            .Select(i => (Ports: new PortRange(Protocol.Tcp, 1_000, (ushort)(1_000 + (i * 3))), Peer: i))
            .ToList();

        var (branches, sets) = Build(rules, maxSets: 6);

        Assert.True(branches.Max(branch => branch.Rules.Count) <= 12, "lookups at one port");
        Assert.True(sets.Values.Sum(set => set.Sources.Count) <= 1_000 * 12, "members of all sets together");
    }

    [Fact]
    public void Branches_ThousandPeersOnOnePort_NeedOneLookup()
    {
        var (branches, _) = Build(
            [.. Enumerable.Range(1, 1_000).Select(i => (new PortRange(Protocol.Tcp, 80, 80), i))],
            maxSets: 6
        );

        Assert.Single(Assert.Single(branches).Rules);
    }

    private const int AnyPeer = 0;

    private static Gen<(PortRange Ports, int Peer)> Rule =>
        from first in Gen.OneOf(Gen.Int[0, 20], Gen.Int[65_530, 65_535])
        from length in Gen.OneOf(Gen.Int[0, 5], Gen.Const(65_535))
        from peer in Gen.Frequency((1, Gen.Const(AnyPeer)), (9, Gen.Int[1, 9]))
        select (new PortRange(Protocol.Tcp, (ushort)first, (ushort)Math.Min(65_535, first + length)), peer);

    private static (List<PortBranch> Branches, Dictionary<SetId, SetDefinition> Sets) Build(
        List<(PortRange Ports, int Peer)> rules,
        int maxSets
    )
    {
        var sets = new Dictionary<SetId, SetDefinition>();
        var onPorts = rules.ConvertAll(static rule => new PeerOnPorts(
            rule.Ports,
            new AllowedPeer(
                rule.Peer == AnyPeer ? null : SetDefinition.OfSource(Source(rule.Peer), IpFamily.IPv4),
                [s_policy]
            )
        ));
        return ([.. PortTree.Branches(Protocol.Tcp, onPorts, maxSets, sets)], sets);
    }

    private static ElementSource Source(int peer) => new(new PodsInNamespace($"{peer}", LabelSelector.Everything));

    private static int PeerOf(ElementSource source) => int.Parse(((PodsInNamespace)source.Selector).Namespace);

    private static IEnumerable<int> Edges(PortRange range) =>
        new[] { range.First - 1, range.First, range.Last, range.Last + 1 }.Where(port => port is >= 0 and <= 65_535);
}
