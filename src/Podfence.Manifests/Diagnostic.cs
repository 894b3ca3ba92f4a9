using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Whether the object is rejected.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The API server would accept the object; it may not be what was intended.</summary>
    Warning,

    /// <summary>The API server would reject the object, so it is left out.</summary>
    Error,
}

/// <summary>One problem in the input, with what to do about it.</summary>
/// <param name="Severity">Error or warning.</param>
/// <param name="Location">File and line.</param>
/// <param name="Subject">The object, or null if it could not be identified.</param>
/// <param name="Field">
/// The field's path as the API server writes it, such as <c>spec.ingress[0].from[1].ipBlock.cidr</c>, or null.
/// </param>
/// <param name="Message">
/// What is wrong. For the API server's checks this is the server's own text, which begins with the field.
/// </param>
/// <param name="Remedy">What to write instead, or null.</param>
public sealed record Diagnostic(
    DiagnosticSeverity Severity,
    SourceLocation Location,
    ObjectReference? Subject,
    string? Field,
    string Message,
    string? Remedy
)
{
    /// <summary>Whether the object is left out.</summary>
    public bool IsError => Severity == DiagnosticSeverity.Error;

    /// <summary>file:line: error: object: message (remedy).</summary>
    public override string ToString()
    {
        var subject = Subject is null ? "" : $"{Subject}: ";
        var remedy = Remedy is null ? "" : $" ({Remedy})";
        return $"{Location}: {(IsError ? "error" : "warning")}: {subject}{Message}{remedy}";
    }
}
