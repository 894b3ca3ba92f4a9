using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// An address attached to a fence. While fences change, an address may have two of one direction: then both have to
/// allow a packet.
/// </summary>
/// <param name="Direction">The direction.</param>
/// <param name="Address">The address.</param>
/// <param name="Chain">The fence's chain.</param>
internal readonly record struct Membership(Direction Direction, IpAddress Address, string Chain);

/// <summary>The dispatch: sets and chains that lead packets of fenced addresses to their fences.</summary>
/// <param name="Sets">By name.</param>
/// <param name="Chains">By family and name.</param>
internal sealed record DispatchTables(
    IReadOnlyDictionary<string, IptSetContent> Sets,
    IReadOnlyDictionary<IpFamily, IReadOnlyDictionary<string, IptChain>> Chains
);

/// <summary>
/// Lowers the dispatch. Each fence has a set of the addresses attached to it, so that adding or removing a pod changes
/// an element and not a rule. A tree of sets over the fences, by their codes, keeps the cost per packet at the
/// logarithm of their number: it walks down the branches whose sets contain its address. It ends at a thousand
/// branches, more than a node has pods, and at the nesting that the kernel allows. Branches are entered by jump, not by
/// goto: an address in two of them walks down both.
/// </summary>
internal static class DispatchLowering
{
    private const int MaxFences = 8;

    /// <summary>The dispatch of a node.</summary>
    /// <param name="members">Addresses with their fences, and the pod's name.</param>
    /// <param name="fences">The comment of each fence, by its chain.</param>
    public static DispatchTables Lower(
        IReadOnlyDictionary<Membership, string> members,
        IReadOnlyDictionary<string, string> fences
    )
    {
        var linkLocals = SetLowering.LinkLocalElements(members.Count);
        var sets = new Dictionary<string, IptSetContent>
        {
            [IptNames.LinkLocalSet] = new(SetLowering.LinkLocal, linkLocals),
        };
        var chains = IpFamilies.All.ToDictionary(
            static family => family,
            static _ => new Dictionary<string, IptChain>()
        );
        var groups = members.ToLookup(static member => (member.Key.Direction, member.Key.Address.Family));
        foreach (var direction in (Direction[])[Direction.Egress, Direction.Ingress])
        {
            foreach (var family in IpFamilies.All)
            {
                var behind = groups[(direction, family)]
                    .GroupBy(static member => member.Key.Chain)
                    .Select(group => new Leaf(
                        group.Key,
                        fences[group.Key],
                        [
                            .. group
                                .Select(static member => new IptElement(member.Key.Address.ToString(), member.Value))
                                .Order(),
                        ]
                    ))
                    .OrderBy(static leaf => leaf.Chain, StringComparer.Ordinal)
                    .ToList();
                new Tree(direction, family, sets, chains[family]).Add(behind, "");
            }
        }

        return new DispatchTables(
            sets,
            chains.ToDictionary(
                static pair => pair.Key,
                static pair => (IReadOnlyDictionary<string, IptChain>)pair.Value
            )
        );
    }

    private sealed record Leaf(string Chain, string Comment, IReadOnlyList<IptElement> Members);

    private sealed class Tree(
        Direction direction,
        IpFamily family,
        Dictionary<string, IptSetContent> sets,
        Dictionary<string, IptChain> chains
    )
    {
        private readonly string _end = direction == Direction.Egress ? "src" : "dst";

        /// <summary>Adds a branch: its set, its chain, and what is below.</summary>
        public string Add(IReadOnlyList<Leaf> leaves, string path)
        {
            var addresses = leaves
                .SelectMany(static leaf => leaf.Members)
                .Select(static member => new IptElement(member.Key))
                .Distinct()
                .Order()
                .ToList();
            Add(new IptSet(IptNames.DispatchSet(direction, family, path), IptSetType.Addresses, family), addresses);
            var name = path.Length == 0 ? IptNames.Dispatch(direction) : $"{IptNames.Dispatch(direction)}-{path}";
            chains.Add(
                name,
                new IptChain(
                    name,
                    leaves.Count <= MaxFences || path.Length == IptLimits.DispatchDepth
                        ? [.. leaves.Select(Enter)]
                        : Split(leaves, path)
                )
            );
            return name;
        }

        private List<IptRule> Split(IReadOnlyList<Leaf> leaves, string path)
        {
            var rules = new List<IptRule>();
            foreach (
                var branch in leaves
                    .GroupBy(leaf => IptNames.Digit(leaf.Chain, path.Length))
                    .OrderBy(static branch => branch.Key)
            )
            {
                var below = $"{path}{branch.Key}";
                var chain = Add([.. branch], below);
                rules.Add(
                    new IptRule(
                        "",
                        new SetMatch(IptNames.DispatchSet(direction, family, below), _end),
                        $"{branch.Count()} fences",
                        $"-j {chain}"
                    )
                );
            }

            return rules;
        }

        private IptRule Enter(Leaf leaf)
        {
            var set = new IptSet(IptNames.MemberSet(leaf.Chain, family), IptSetType.Pods, family);
            Add(set, leaf.Members);
            return new IptRule("", new SetMatch(set.Name, _end), leaf.Comment, $"-j {leaf.Chain}");
        }

        private void Add(IptSet set, IReadOnlyList<IptElement> elements) =>
            sets.Add(set.Name, new IptSetContent(set, elements));
    }
}
