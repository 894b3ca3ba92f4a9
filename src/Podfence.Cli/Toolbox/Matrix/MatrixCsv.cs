using System.Buffers;
using Podfence.Analysis;
using Podfence.Manifests;

namespace Podfence.Cli;

/// <summary>A matrix for spreadsheets: RFC 4180, a record for each pair and family.</summary>
internal static class MatrixCsv
{
    private static readonly SearchValues<char> s_quoted = SearchValues.Create("\",\r\n");

    public static void Write(MatrixReport report, TextWriter output)
    {
        output.WriteLine("from,from_kind,from_pods,to,to_kind,to_pods,families,verdict,ports,between_some");
        foreach (var (from, to, cell) in report.Pairs())
        {
            foreach (var flow in cell.Flows)
            {
                var verdict =
                    flow.Some.IsEmpty ? "closed"
                    : !flow.IsUniform ? "mixed"
                    : flow.Every.IsAll ? "open"
                    : "ports";
                Record(
                    output,
                    from.Name,
                    Kind(from),
                    $"{from.Pods}",
                    to.Name,
                    Kind(to),
                    $"{to.Pods}",
                    string.Join(' ', flow.Families),
                    verdict,
                    flow.Every.ToString(),
                    flow.IsUniform ? "" : flow.More.ToString()
                );
            }
        }
    }

    /// <summary>The kind of a group as all formats write it.</summary>
    public static string Kind(MatrixGroup group) => new EnumWord<GroupKind>(group.Kind).ToString();

    private static void Record(TextWriter output, params ReadOnlySpan<string> fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            output.Write(i > 0 ? "," : "");
            output.Write(Field(fields[i]));
        }

        output.WriteLine();
    }

    /// <summary>
    /// A field, quoted where it must be. One that a spreadsheet would take for a formula is led by an apostrophe, as
    /// spreadsheets have it themselves.
    /// </summary>
    internal static string Field(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{text}" : text;
        return safe.AsSpan().ContainsAny(s_quoted)
            ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : safe;
    }
}
