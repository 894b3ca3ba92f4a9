using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>One line of a flat file.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">The scalar as written.</param>
/// <param name="Location">File and line.</param>
public sealed record FlatEntry(string Name, string Value, SourceLocation Location);

/// <summary>Reads YAML files that are one map of scalars, such as settings files.</summary>
public static class FlatYaml
{
    /// <summary>Reads a text.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="text">The text; an empty one has no entries.</param>
    /// <param name="diagnostics">All problems found.</param>
    public static IReadOnlyList<FlatEntry> Read(string file, string text, out IReadOnlyList<Diagnostic> diagnostics)
    {
        var entries = new List<FlatEntry>();
        var found = new List<Diagnostic>();
        void AddError(int line, string message, string? remedy) =>
            found.Add(
                new Diagnostic(DiagnosticSeverity.Error, new SourceLocation(file, line), null, null, message, remedy)
            );

        foreach (var document in YamlDocuments.Read(text))
        {
            foreach (var error in document.SyntaxErrors)
            {
                AddError(error.Line, error.Message, error.Remedy);
            }

            switch (document.Root)
            {
                case null or TreeScalar { Kind: ScalarKind.Null }:
                    break;
                case TreeMap map:
                    foreach (var (name, line, value) in map.Entries)
                    {
                        if (value is TreeScalar scalar)
                        {
                            entries.Add(new FlatEntry(name, scalar.Text, new SourceLocation(file, line)));
                        }
                        else
                        {
                            AddError(
                                line,
                                $"{name} is {(value is TreeMap ? "a map" : "a list")}, not a single value",
                                $"write it as '{name}: VALUE'"
                            );
                        }
                    }

                    break;
                case { } other:
                    AddError(
                        other.Line,
                        $"this is {(other is TreeList ? "a list" : "a single value")}, not a map of names and values",
                        "write one 'NAME: VALUE' per line"
                    );
                    break;
            }
        }

        diagnostics = found;
        return entries;
    }
}
