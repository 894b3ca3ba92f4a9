using CsCheck;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation.Tests;

public sealed class PortTreeTests
{
    private static readonly PolicyKey s_policy = new("default", "p");

    [Fact]
    public void Branches_AnyRules_AdmitAtEachPortWhoeverOneOfThemAdmits() =>
        Rule.List[1, 40].Sample(
            rules =>
            {
                var (branches, sets) = Build(rules, mostSets: 3);
                foreach (var port in rules.SelectMany(rule => Edges(rule.Span)).Distinct())
                {
                    var expected = rules.Where(rule => rule.Span.Contains(Protocol.Tcp, port)).Select(rule => rule.Peer).Distinct().Order().ToList();
                    var rulesThere = branches.Where(branch => branch.Ports.Contains(Protocol.Tcp, port)).SelectMany(branch => branch.Rules).ToList();
                    var actual = rulesThere.Any(rule => rule.Peer is null)
                        ? [Anyone]
                        : rulesThere.SelectMany(rule => sets[rule.Peer!].Leaves).Select(leaf => PeerSuggestion(leaf)).Distinct().Order().ToList();
                    if (!(expected.Contains(Anyone) ? [Anyone] : expected).SequenceEqual(actual))
                    {
                        return false;
                    }
                }

                return branches.Zip(branches.Skip(1)).All(pair => pair.First.Ports.Last < pair.Second.Ports.First);
            },
            iter: 2_000);

    [Fact]
    public void Branches_ThousandNestedRangesOfDistinctPeers_StayLogarithmic()
    {
        var rules = Enumerable.Range(1, 1_000).Select(i => (Span: new PortSpan(Protocol.Tcp, 1_000, (ushort)(1_000 + (i * 3))), Peer: i)).ToList();

        var (branches, sets) = Build(rules, mostSets: 6);

        Assert.True(branches.Max(branch => branch.Rules.Count) <= 12, "lookups at one port");
        Assert.True(sets.Values.Sum(set => set.Leaves.Count) <= 1_000 * 12, "members of all sets together");
    }

    [Fact]
    public void Branches_ThousandPeersOnOnePort_IsOneLookup()
    {
        var (branches, _) = Build([.. Enumerable.Range(1, 1_000).Select(i => (new PortSpan(Protocol.Tcp, 80, 80), i))], mostSets: 6);

        Assert.Single(Assert.Single(branches).Rules);
    }

    private const int Anyone = 0;

    private static Gen<(PortSpan Span, int Peer)> Rule =>
        from first in Gen.OneOf(Gen.Int[0, 20], Gen.Int[65_530, 65_535])
        from length in Gen.OneOf(Gen.Int[0, 5], Gen.Const(65_535))
        from peer in Gen.Frequency((1, Gen.Const(Anyone)), (9, Gen.Int[1, 9]))
        select (new PortSpan(Protocol.Tcp, (ushort)first, (ushort)Math.Min(65_535, first + length)), peer);

    private static (List<PortBranch> Branches, Dictionary<SetId, SetDefinition> Sets) Build(List<(PortSpan Span, int Peer)> rules, int mostSets)
    {
        var sets = new Dictionary<SetId, SetDefinition>();
        var uses = rules.Select(rule => (rule.Span, new AllowedPeer(rule.Peer == Anyone ? null : SetDefinition.Of(Leaf(rule.Peer), IpFamily.IPv4), [s_policy]))).ToList();
        return ([.. PortTree.Branches(Protocol.Tcp, uses, mostSets, sets)], sets);
    }

    private static ElementSource Leaf(int peer) => new(new NamespaceScope($"{peer}", LabelSelector.Everything));

    private static int PeerSuggestion(ElementSource leaf) => int.Parse(((NamespaceScope)leaf.Scope).Namespace);

    private static IEnumerable<int> Edges(PortSpan span) => new[] { span.First - 1, span.First, span.Last, span.Last + 1 }.Where(port => port is >= 0 and <= 65_535);
}
