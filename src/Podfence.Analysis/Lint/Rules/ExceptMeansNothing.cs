using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Exceptions that cut out everything or nothing.</summary>
internal sealed class ExceptMeansNothing() : LintRule("PF013", "except-means-nothing", LintSeverity.Error)
{
    public override string Summary => "The exceptions of an ipBlock leave nothing of it, or cut nothing out.";

    public override string Why => """
        `except` cuts blocks out of the `cidr` beside it. Exceptions that together hold all of it leave a peer that means nobody, an error. One that lies outside cuts nothing: the API server refuses it today but keeps what older versions took; a warning.
        One inside another is said twice; an info.
        """;

    public override string Fix => "correct the blocks; to mean nobody leave the peer out";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        foreach (var rule in context.Rules)
        {
            foreach (var (block, field) in rule.Peers<IpBlockPeer>())
            {
                if (AddressSet.Of(block).IsEmpty)
                {
                    yield return At(context, rule.Policy, $"{field}.ipBlock.except", $"the exceptions leave nothing of {block.Cidr}: the peer means nobody");
                    continue;
                }

                for (var i = 0; i < block.Except.Count; i++)
                {
                    var hole = block.Except[i];
                    if (!block.Cidr.Contains(hole))
                    {
                        yield return At(context, rule.Policy, $"{field}.ipBlock.except[{i}]", $"{hole} is not inside {block.Cidr}: it cuts nothing out", "remove it, or correct it", LintSeverity.Warning);
                    }
                    else if (block.Except.Where((other, at) => at != i && other.Contains(hole) && (other != hole || at < i)).ToList() is [var wider, ..])
                    {
                        yield return At(context, rule.Policy, $"{field}.ipBlock.except[{i}]", $"{hole} is in {wider} already", "remove it", LintSeverity.Info);
                    }
                }
            }
        }
    }
}
