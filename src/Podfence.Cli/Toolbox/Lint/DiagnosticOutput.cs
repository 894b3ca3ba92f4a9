using System.CommandLine;

namespace Podfence.Cli;

/// <summary>Output formats of diagnostics.</summary>
internal enum DiagnosticFormat
{
    /// <summary>For people: a line for each as compilers write it, and one for its fix.</summary>
    Text,

    /// <summary>For programs; members are added, not renamed.</summary>
    Json,

    /// <summary>SARIF 2.1.0, which code scanners collect.</summary>
    Sarif,

    /// <summary>Workflow commands that GitHub shows beside the changed lines.</summary>
    Github,
}

/// <summary>All diagnostics, and what was checked.</summary>
/// <param name="Items">The diagnostics, in order.</param>
/// <param name="Kinds">Every kind that was checked.</param>
/// <param name="Scope">What was checked: <c>3 policies</c>.</param>
/// <param name="Silenced">How many more are silenced by annotations.</param>
internal sealed record Diagnostics(
    IReadOnlyList<CheckResult> Items,
    IReadOnlyList<DiagnosticKind> Kinds,
    string Scope,
    int Silenced
);

/// <summary>Writes diagnostics.</summary>
internal static class DiagnosticOutput
{
    /// <summary>The option.</summary>
    public static Option<EnumWord<DiagnosticFormat>> CreateOption() =>
        EnumOption.Create("--output", "Output format", DiagnosticFormat.Text, "-o");

    public static void Write(Diagnostics found, DiagnosticFormat format, Terminal terminal)
    {
        switch (format)
        {
            case DiagnosticFormat.Json:
                terminal.Output.WriteLine(DiagnosticJson.Text(found));
                break;
            case DiagnosticFormat.Sarif:
                terminal.Output.WriteLine(SarifReport.Text(found));
                break;
            case DiagnosticFormat.Github:
                GithubReport.Write(found, terminal.Output);
                break;
            default:
                DiagnosticText.Write(found, terminal);
                break;
        }
    }
}
