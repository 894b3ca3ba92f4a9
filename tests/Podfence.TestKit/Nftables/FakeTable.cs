using Podfence.Dataplane;
using Podfence.Dataplane.Nftables;

namespace Podfence.TestKit;

/// <summary>A chain in the fake kernel.</summary>
internal sealed class FakeChain(NftChain definition)
{
    public NftChain Definition { get; } = definition;

    public List<NftRule> Rules { get; set; } = [];

    /// <summary>Rules and elements that lead here.</summary>
    public int Uses { get; set; }
}

/// <summary>
/// The table in the fake kernel. Each step checks first, then changes, and notes how to take the change back. The rules
/// are those of net/netfilter/nf_tables_api.c: what is referred to exists and stays, what is deleted is not referred
/// to.
/// </summary>
internal sealed class FakeTable
{
    public Dictionary<string, FakeChain> Chains { get; } = [];

    public Dictionary<string, FakeSet> Sets { get; } = [];

    public void AddSet(NftSet set, Stack<Action> undo)
    {
        FakeFailures.CheckName(set.Name);
        FakeFailures.CheckComment(set.Comment);
        FakeFailures.Require(
            set.Family is null == set.Key is NftKey.Port or NftKey.PortRange,
            $"{set.Name}: address keys have a family, ports have none"
        );
        if (!Sets.TryAdd(set.Name, new FakeSet(set)))
        {
            throw FakeFailures.Conflict($"set {set.Name} exists");
        }

        undo.Push(() => Sets.Remove(set.Name));
    }

    public void DeleteSet(string name, Stack<Action> undo)
    {
        var set = Set(name);
        if (set.Uses > 0)
        {
            throw FakeFailures.Conflict($"set {name} is in use by {set.Uses} rules");
        }

        Sets.Remove(name);
        undo.Push(() => Sets.Add(name, set));
        foreach (var (chain, count) in set.Targets)
        {
            Use(chain, -count, undo);
        }
    }

    public void AddElement(NftSet described, NftElement element, Stack<Action> undo)
    {
        var set = Described(described);
        if (element.Verdict is { } verdict)
        {
            Refer(verdict, 1, undo);
        }

        set.Add(element);
        undo.Push(() => set.Remove(element));
    }

    public void DeleteElement(NftSet described, NftElement element, Stack<Action> undo)
    {
        var set = Described(described);
        var removed = set.Remove(element);
        undo.Push(() => set.Add(removed));
        if (removed.Verdict is { } verdict)
        {
            Refer(verdict, -1, undo);
        }
    }

    public void AddChain(NftChain chain, Stack<Action> undo)
    {
        FakeFailures.CheckName(chain.Name);
        FakeFailures.CheckComment(chain.Comment);
        if (!Chains.TryAdd(chain.Name, new FakeChain(chain with { Rules = [] })))
        {
            throw FakeFailures.Conflict($"chain {chain.Name} exists");
        }

        undo.Push(() => Chains.Remove(chain.Name));
    }

    public void DeleteChain(string name, Stack<Action> undo)
    {
        var chain = Chain(name);
        if (chain.Uses > 0 || chain.Rules.Count > 0)
        {
            throw FakeFailures.Conflict($"chain {name} has {chain.Rules.Count} rules and {chain.Uses} references");
        }

        Chains.Remove(name);
        undo.Push(() => Chains.Add(name, chain));
    }

    public void FlushChain(string name, Stack<Action> undo)
    {
        var chain = Chain(name);
        var rules = chain.Rules;
        chain.Rules = [];
        undo.Push(() => chain.Rules = rules);
        foreach (var rule in rules)
        {
            ReferToAll(rule, -1, undo);
        }
    }

    public void AddRule(string name, NftRule rule, Stack<Action> undo)
    {
        var chain = Chain(name);
        FakeFailures.CheckComment(rule.Comment);
        RuleCheck.Check(rule, this);
        ReferToAll(rule, 1, undo);
        chain.Rules.Add(rule);
        undo.Push(() => chain.Rules.RemoveAt(chain.Rules.Count - 1));
    }

    public FakeSet Set(string name) =>
        Sets.TryGetValue(name, out var set) ? set : throw FakeFailures.Conflict($"set {name} does not exist");

    public FakeChain Chain(string name) =>
        Chains.TryGetValue(name, out var chain) ? chain : throw FakeFailures.Conflict($"chain {name} does not exist");

    public NftTable Snapshot() =>
        new(
            Chains.ToDictionary(pair => pair.Key, pair => pair.Value.Definition with { Rules = [.. pair.Value.Rules] }),
            Sets.ToDictionary(
                pair => pair.Key,
                pair => new NftSetContent(pair.Value.Definition, [.. pair.Value.Elements])
            )
        );

    // The comment is not part of what a set is.
    private FakeSet Described(NftSet described)
    {
        var set = Set(described.Name);
        FakeFailures.Require(
            set.Definition with { Comment = described.Comment } == described,
            $"set {described.Name} is not what the elements are for"
        );
        return set;
    }

    private void ReferToAll(NftRule rule, int change, Stack<Action> undo)
    {
        foreach (var statement in rule.Statements)
        {
            if (RuleCheck.SetOf(statement) is { } name)
            {
                var set = Set(name);
                set.Uses += change;
                undo.Push(() => set.Uses -= change);
            }
            else if (statement is VerdictStatement { Verdict: var verdict })
            {
                Refer(verdict, change, undo);
            }
        }
    }

    private void Refer(NftVerdict verdict, int change, Stack<Action> undo)
    {
        var leads = verdict.Kind is NftVerdictKind.Jump or NftVerdictKind.Goto;
        FakeFailures.Require(
            leads == verdict.Chain is not null,
            $"verdict {verdict}: jump and goto need a chain, the others have none"
        );
        if (leads)
        {
            FakeFailures.Require(Chain(verdict.Chain!).Definition.Hook is null, $"{verdict} leads to a base chain");
            Use(verdict.Chain!, change, undo);
        }
    }

    private void Use(string name, int change, Stack<Action> undo)
    {
        var chain = Chain(name);
        chain.Uses += change;
        undo.Push(() => chain.Uses -= change);
    }
}
