namespace Podfence.Analysis;

/// <summary>How much a finding matters, in rising order.</summary>
public enum LintSeverity
{
    /// <summary>Worth knowing; often meant.</summary>
    Info,

    /// <summary>Probably not what was meant.</summary>
    Warning,

    /// <summary>Certainly not what was meant: some of the text has no effect.</summary>
    Error,
}
