using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>
/// One common mistake. A rule reports nothing that it cannot be sure of. Its number is never reused.
/// </summary>
/// <param name="id">The number: <c>PF001</c>.</param>
/// <param name="name">The name, words joined by hyphens.</param>
/// <param name="severity">The severity of its clearest findings.</param>
public abstract class LintRule(string id, string name, LintSeverity severity)
{
    /// <summary>The number: <c>PF001</c>.</summary>
    public string Id { get; } = id;

    /// <summary>The name: words joined by hyphens.</summary>
    public string Name { get; } = name;

    /// <summary>The severity of its clearest findings; with weaker evidence a finding is less severe.</summary>
    public LintSeverity Severity { get; } = severity;

    /// <summary>What it finds, in one sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>Why that is a mistake, and what it needs to know of the cluster.</summary>
    public abstract string Why { get; }

    /// <summary>What to do.</summary>
    public abstract string Fix { get; }

    /// <summary>Number and name.</summary>
    public override string ToString() => $"{Id} {Name}";

    internal abstract IEnumerable<LintFinding> Check(LintContext context);

    /// <summary>A finding at a field of a policy.</summary>
    private protected LintFinding At(
        LintContext context,
        NetworkPolicy policy,
        string field,
        string message,
        string? fix = null,
        LintSeverity? severity = null
    ) =>
        new(
            this,
            severity ?? Severity,
            context.Locate(policy, field),
            LintContext.ReferenceTo(policy),
            field,
            message,
            fix ?? Fix
        );
}
