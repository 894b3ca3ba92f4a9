using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Podfence.Cli;

/// <summary>Adds examples to commands; the help shows them last.</summary>
internal static class HelpExamples
{
    // The parser's Command has no property for them, and verbs stay plain commands without subclasses.
    private static readonly ConditionalWeakTable<Command, IReadOnlyList<(string What, string Line)>> Examples = [];

    /// <summary>
    /// Adds an Examples section to the help of this command: what an example does, and the command line.
    /// </summary>
    public static T WithExamples<T>(this T command, params IReadOnlyList<(string What, string Line)> examples)
        where T : Command
    {
        Examples.AddOrUpdate(command, examples);
        return command;
    }

    public static IReadOnlyList<(string What, string Line)> ExamplesOf(Command command) =>
        Examples.TryGetValue(command, out var examples) ? examples : [];

    /// <summary>Makes the help option, which all verbs share, print the examples of the command.</summary>
    public static RootCommand WithExamplesInHelp(this RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var terminal = parseResult.Terminal();
            var output = terminal.Output;
            // The parser prints the name of the executable, which is not always what the user typed.
            var own = new StringWriter { NewLine = output.NewLine };
            terminal.Output = own;
            var exit = inner.Invoke(parseResult);
            terminal.Output = output;
            output.Write(
                own.ToString()
                    .Replace($"  {RootCommand.ExecutableName}", $"  {terminal.Program}", StringComparison.Ordinal)
            );
            var examples = ExamplesOf(parseResult.CommandResult.Command);
            if (examples.Count > 0)
            {
                Write(terminal, examples);
            }

            return exit;
        }

        private static void Write(Terminal terminal, IReadOnlyList<(string What, string Line)> examples)
        {
            var output = terminal.Output;
            output.WriteLine("Examples:");
            foreach (var (what, line) in examples)
            {
                output.WriteLine($"  # {what}");
                output.WriteLine($"  {ProgramName.Typed(line, terminal.Program)}");
            }

            output.WriteLine();
        }
    }
}
