using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>How strictly objects are read.</summary>
internal enum Strictness
{
    /// <summary>As the API server reads a new object: any error rejects it.</summary>
    Strict,

    /// <summary>For objects that the API server stores: what cannot be parsed fails closed, the rest counts.</summary>
    Lenient,
}

/// <summary>Collects the diagnostics of one object after another.</summary>
internal sealed class DiagnosticSink(Strictness strictness, string? file)
{
    private readonly List<Diagnostic> _diagnostics = [];
    private ObjectReference? _subject;
    private int _errorsBefore;
    private int _errors;

    /// <summary>Whether any error rejects the object.</summary>
    public bool IsStrict => strictness == Strictness.Strict;

    /// <summary>The file that is read, or null for the API.</summary>
    public string? File => file;

    /// <summary>All diagnostics so far, in the order found.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => _diagnostics;

    /// <summary>Whether the current object has an error.</summary>
    public bool ObjectHasErrors => _errors > _errorsBefore;

    /// <summary>
    /// Errors so far, including those of lenient reading: readers compare it to find out whether a part was readable.
    /// </summary>
    public int ErrorCount { get; private set; }

    /// <summary>Sets the object that further diagnostics belong to.</summary>
    public void Begin(ObjectReference? subject)
    {
        _subject = subject;
        _errorsBefore = _errors;
    }

    /// <summary>Sets the name of the current object.</summary>
    public void Name(ObjectReference subject) => _subject = subject;

    /// <summary>The location of a line, for objects and messages.</summary>
    public SourceLocation At(int line) => file is null ? default : new(file, line);

    /// <summary>Reports an error. Objects of the API server are not rejected: for them it is a warning.</summary>
    public void Error(int line, FieldPath? field, string message, string? remedy = null)
    {
        ErrorCount++;
        if (IsStrict)
        {
            _errors++;
            Add(DiagnosticSeverity.Error, line, field, message, remedy);
        }
        else
        {
            Add(DiagnosticSeverity.Warning, line, field, message, remedy);
        }
    }

    /// <summary>Reports a warning. Not for objects of the API server: it warned when they were created.</summary>
    public void Warning(int line, FieldPath? field, string message, string? remedy = null)
    {
        if (IsStrict)
        {
            Add(DiagnosticSeverity.Warning, line, field, message, remedy);
        }
    }

    private void Add(DiagnosticSeverity severity, int line, FieldPath? field, string message, string? remedy) =>
        _diagnostics.Add(
            new(
                severity,
                At(line),
                _subject,
                field is null ? null : GoText.EscapeControl(field.ToString()),
                GoText.EscapeControl(message),
                remedy is null ? null : GoText.EscapeControl(remedy)
            )
        );
}
