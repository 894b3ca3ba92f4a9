using System.CommandLine;

namespace Podfence.Cli;

/// <summary>Every verb, in the order in which the help lists them. A new verb is one file and one line here.</summary>
internal static class Verbs
{
    public static IEnumerable<Command> All() =>
    [
        DemoVerb.Create(),
        AgentVerb.Create(),
        AgentStatusVerb.Create(),
        CleanupVerb.Create(),
        LabVerb.Create(),
        ExplainVerb.Create(),
        MatrixVerb.Create(),
        DiffVerb.Create(),
        TestVerb.Create(),
        LintVerb.Create(),
        ValidateVerb.Create(),
        RenderVerb.Create(),
        CompletionVerb.Create(),
        VersionVerb.Create(),
        ManVerb.Create(),
    ];
}
