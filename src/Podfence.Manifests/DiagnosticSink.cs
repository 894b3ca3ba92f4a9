using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>How strictly objects are read.</summary>
internal enum Strictness
{
    /// <summary>As the API server takes a new object: any error keeps it out.</summary>
    Strict,

    /// <summary>As the API server's stored objects have to be taken: what cannot be read fails closed, the rest counts.</summary>
    Lenient,
}

/// <summary>Collects the faults of one object after another.</summary>
internal sealed class DiagnosticSink(Strictness strictness, string? file)
{
    private readonly List<Diagnostic> _faults = [];
    private ObjectReference? _subject;
    private int _errorsBefore;
    private int _errors;

    /// <summary>Whether objects have to be flawless.</summary>
    public bool IsStrict => strictness == Strictness.Strict;

    /// <summary>The file that is read, or null for the API.</summary>
    public string? File => file;

    /// <summary>All faults so far, in the order found.</summary>
    public IReadOnlyList<Diagnostic> Faults => _faults;

    /// <summary>Whether the current object has an error.</summary>
    public bool ObjectHasErrors => _errors > _errorsBefore;

    /// <summary>Errors so far, those of lenient reading included: reading compares it to know whether a part was readable.</summary>
    public int Problems { get; private set; }

    /// <summary>From here on faults are of this object.</summary>
    public void Begin(ObjectReference? subject)
    {
        _subject = subject;
        _errorsBefore = _errors;
    }

    /// <summary>Gives the current object its name, which is known only after it was looked at.</summary>
    public void Name(ObjectReference subject) => _subject = subject;

    /// <summary>Where a line is, for objects and messages.</summary>
    public SourceLocation At(int line) => file is null ? default : new(file, line);

    /// <summary>An error. Objects of the API server are not refused: there it is something to know.</summary>
    public void Error(int line, FieldPath? field, string message, string? remedy = null)
    {
        Problems++;
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

    /// <summary>A warning; objects of the API server have had theirs when they were made.</summary>
    public void Warning(int line, FieldPath? field, string message, string? remedy = null)
    {
        if (IsStrict)
        {
            Add(DiagnosticSeverity.Warning, line, field, message, remedy);
        }
    }

    private void Add(DiagnosticSeverity severity, int line, FieldPath? field, string message, string? remedy) =>
        _faults.Add(new(severity, At(line), _subject, field is null ? null : GoText.EscapeControl(field.ToString()), GoText.EscapeControl(message), remedy is null ? null : GoText.EscapeControl(remedy)));
}
