using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Exceptions that remove everything or nothing.</summary>
internal sealed class ExceptAllOrNothing() : LintRule("PF013", "except-all-or-nothing", LintSeverity.Error)
{
    public override string Summary => "The exceptions of an ipBlock remove all of it, or nothing.";

    public override string Why =>
        """
            `except` removes blocks from the `cidr` beside it. Exceptions that together cover all of it leave a peer that
            matches nothing: an error. An exception outside the cidr removes nothing: the API server rejects it today, but
            keeps objects that older versions accepted; a warning. An exception inside another one is redundant; an info.
            """;

    public override string Fix => "correct the blocks; to match nothing, leave the peer out";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var rule in context.Rules)
        {
            foreach (var (block, field) in rule.Peers<IpBlockPeer>())
            {
                if (AddressSet.Of(block).IsEmpty)
                {
                    yield return At(
                        context,
                        rule.Policy,
                        $"{field}.ipBlock.except",
                        $"the exceptions leave nothing of {block.Cidr}: the peer matches nothing"
                    );
                    continue;
                }

                for (var i = 0; i < block.Except.Count; i++)
                {
                    var hole = block.Except[i];
                    if (!block.Cidr.Contains(hole))
                    {
                        yield return At(
                            context,
                            rule.Policy,
                            $"{field}.ipBlock.except[{i}]",
                            $"{hole} is not inside {block.Cidr}: it removes nothing",
                            "remove or correct it",
                            LintSeverity.Warning
                        );
                    }
                    else if (
                        block
                            .Except.Where((other, at) => at != i && other.Contains(hole) && (other != hole || at < i))
                            .ToList()
                        is [var wider, ..]
                    )
                    {
                        yield return At(
                            context,
                            rule.Policy,
                            $"{field}.ipBlock.except[{i}]",
                            $"{hole} is already in {wider}",
                            "remove it",
                            LintSeverity.Info
                        );
                    }
                }
            }
        }
    }
}
