using Podfence.Base;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>A namespaceSelector that matches no namespace.</summary>
internal sealed class UnknownNamespace() : LintRule("PF005", "unknown-namespace", LintSeverity.Warning)
{
    private const string OldNameLabel = "name";

    public override string Summary => "A namespaceSelector matches no namespace of the input.";

    public override string Why =>
        """
            A namespaceSelector reads the labels of the Namespace object, not those of its pods. A label `name` is not set
            by default: the only label that every namespace has is `kubernetes.io/metadata.name`. Needs Namespace objects in
            the input; namespaces that every cluster has are known by name. A name that no file mentions may belong to a
            namespace created elsewhere: that is an info, unless it looks like a typo of a known name.
            """;

    public override string Fix =>
        "label the namespace, or select it by its name: matchLabels: {kubernetes.io/metadata.name: NAME}";

    internal override IEnumerable<LintFinding> Check(LintContext context)
    {
        if (context.Namespaces.Count == 0)
        {
            yield break;
        }

        foreach (var rule in context.Rules)
        {
            foreach (var (peer, field) in rule.Peers<SelectorPeer>())
            {
                if (
                    peer.Namespaces is { Unreadable: false } selector
                    && !SelectorLogic.IsContradiction(selector)
                    && !context.NamespacesOf(rule.Policy, peer).Any()
                    && Judge(context, selector) is { } found
                )
                {
                    yield return At(
                        context,
                        rule.Policy,
                        $"{field}.namespaceSelector",
                        $"{selector} matches no namespace of the input",
                        found.Fix,
                        found.Severity
                    );
                }
            }
        }
    }

    private static (LintSeverity Severity, string? Fix)? Judge(LintContext context, LabelSelector selector)
    {
        if (SelectorLogic.ValuesOf(selector, Namespace.NameLabel) is { } names)
        {
            var all = context.State.Namespaces.Keys.Order(StringComparer.Ordinal).ToArray();
            var near = names
                .Select(name => DidYouMean.Closest(name, all))
                .FirstOrDefault(static found => found is not null);
            return names.Any(LintContext.IsOfEveryCluster) ? null
                : near is null
                    ? (
                        LintSeverity.Info,
                        $"add the Namespace object to the input, or correct the name; known: {string.Join(", ", all)}"
                    )
                : (LintSeverity.Warning, $"did you mean {Namespace.NameLabel}={near}?");
        }

        var byName = SelectorLogic
            .ValuesOf(selector, OldNameLabel)
            ?.FirstOrDefault(name => LintContext.IsOfEveryCluster(name) || context.State.Namespaces.ContainsKey(name));
        return (
            LintSeverity.Warning,
            byName is null
                ? SelectorGuess.Near(selector, context.Namespaces.Select(static item => item.Labels))
                : $"write {Namespace.NameLabel}: {byName}; a label called name is not set by default"
        );
    }
}
