using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Analysis;

/// <summary>Something that a rule found.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Severity">How much it matters; depends on the evidence too.</param>
/// <param name="Location">File and line of the field; an object of the API server has neither.</param>
/// <param name="Subject">The object: a policy or a namespace.</param>
/// <param name="Field">The field's path as the API server writes it, or null for the whole object.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Fix">What to write instead.</param>
public sealed record LintFinding(
    LintRule Rule,
    LintSeverity Severity,
    SourceLocation Location,
    ObjectReference Subject,
    string? Field,
    string Message,
    string Fix
);
