using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Whether a fault keeps the object out.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The API server would take the object; it may not mean what was meant.</summary>
    Warning,

    /// <summary>The API server would refuse the object, so it is left out.</summary>
    Error,
}

/// <summary>One thing that is wrong in a file, with what to do about it.</summary>
/// <param name="Severity">Error or warning.</param>
/// <param name="Location">File and line.</param>
/// <param name="Subject">The object at fault, or null where none could be made out.</param>
/// <param name="Field">The field's path as the API server writes it, such as <c>spec.ingress[0].from[1].ipBlock.cidr</c>, or null.</param>
/// <param name="Message">What is wrong. For the checks of the API server this is the server's own text, which begins with the field.</param>
/// <param name="Remedy">What to write instead, or null where the message says it all.</param>
public sealed record Diagnostic(
    DiagnosticSeverity Severity, SourceLocation Location, ObjectReference? Subject, string? Field, string Message, string? Remedy)
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
