using System.CommandLine;

namespace Podfence.Cli;

/// <summary>
/// Every verb, in the order of the help. A verb is one file, named after it, in the folder of its subject: Agent, Lab,
/// Toolbox (everything that reads policies), Demo, Completion, Help. A group of verbs (<c>lab</c>) is a verb too.
/// </summary>
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
