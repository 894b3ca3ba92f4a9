using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Reads Podfence's chains one by one, from those that always exist to those they jump to. Slower than iptables-save,
/// which however does not print a table as soon as another program has added a rule that iptables cannot express, even
/// in a foreign chain.
/// </summary>
internal sealed class ChainWalker(IToolRunner tools, IptablesVariant variant, IpFamily family)
{
    /// <summary>Reads them. Chains that nothing jumps to are not found; they have no effect.</summary>
    public TableSnapshot Read()
    {
        var chains = new Dictionary<string, IReadOnlyList<string>>();
        var waiting = new Queue<string>(
            BaseChains.Chains(new RulesetOptions(), [], family).Select(static chain => chain.Name)
        );
        while (waiting.TryDequeue(out var name))
        {
            if (!chains.ContainsKey(name) && List(name) is { } rules)
            {
                chains.Add(name, rules);
                foreach (
                    var target in rules
                        .Select(static rule => rule[(rule.LastIndexOf(' ') + 1)..])
                        .Where(IptNames.IsOurs)
                )
                {
                    waiting.Enqueue(target);
                }
            }
        }

        return new TableSnapshot(chains, [.. BaseChains.Jumps(new RulesetOptions()).SelectMany(Jumps)]);
    }

    private IReadOnlyList<string>? List(string chain)
    {
        var result = Run("-S", chain);
        return result.ExitCode == 0 ? SaveParser.ReadTable($":{chain} -\n{result.Output}").Chains[chain] : null;
    }

    // A chain with such a rule cannot be listed, but it can be checked for one of Podfence's rules. Its position is
    // unknown then.
    private IEnumerable<FoundJump> Jumps(IptJump jump)
    {
        var listed = Run("-S", jump.Hook);
        if (listed.ExitCode == 0 && !listed.Errors.Contains("incompatible", StringComparison.Ordinal))
        {
            return SaveParser.ReadTable(listed.Output).Jumps;
        }

        return Run(["-C", jump.Hook, "-m", "comment", "--comment", jump.Comment, "-j", jump.Chain]).ExitCode == 0
            ? [new FoundJump(jump.Hook, 1, jump.Line)]
            : [];
    }

    private ToolResult Run(params IReadOnlyList<string> arguments) =>
        tools.Run(IptablesVariants.Program(variant, family, ""), arguments, "");
}
