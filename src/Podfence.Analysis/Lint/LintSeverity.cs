namespace Podfence.Analysis;

/// <summary>How much a finding matters, in rising order.</summary>
public enum LintSeverity
{
    /// <summary>Worth knowing; often intended.</summary>
    Info,

    /// <summary>Probably not intended.</summary>
    Warning,

    /// <summary>Certainly not intended: a part of the text has no effect.</summary>
    Error,
}
