using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Podfence.Cli;

/// <summary>Gives a command examples, which its help shows last.</summary>
internal static class HelpExamples
{
    // The parser's Command has no place for them and is better not subclassed: verbs stay plain commands.
    private static readonly ConditionalWeakTable<Command, IReadOnlyList<(string What, string Line)>> Examples = [];

    /// <summary>Adds an Examples section to the help of this command: for each example what it does, and the line to type.</summary>
    public static T WithExamples<T>(this T command, params IReadOnlyList<(string What, string Line)> examples)
        where T : Command
    {
        Examples.AddOrUpdate(command, examples);
        return command;
    }

    /// <summary>The examples of a command; none if it was given none.</summary>
    public static IReadOnlyList<(string What, string Line)> ExamplesOf(Command command) => Examples.TryGetValue(command, out var examples) ? examples : [];

    /// <summary>Makes the help option of the root, which all verbs share, print the examples of the command it is asked about.</summary>
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
            // The parser writes the name of the file that was started, which is not always what was typed.
            var own = new StringWriter { NewLine = output.NewLine };
            terminal.Output = own;
            var exit = inner.Invoke(parseResult);
            terminal.Output = output;
            output.Write(own.ToString().Replace($"  {RootCommand.ExecutableName}", $"  {terminal.Program}", StringComparison.Ordinal));
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
