using System.CommandLine;
using Podfence.Lab;

namespace Podfence.Cli;

/// <summary><c>podfence lab exec</c>: runs a program in the network of a pod, a node or the external host.</summary>
internal static class LabExecVerb
{
    public static Command Create()
    {
        var name = LabVerb.NameOption();
        var target = new Argument<string>("TARGET") { Description = "NAMESPACE/POD, node:NAME or external" };
        var command = new Argument<string[]>("COMMAND")
        {
            Description = "Program and arguments, after --",
            Arity = ArgumentArity.OneOrMore,
        };
        var verb = new Command(
            "exec",
            "Run a program in the network namespace of a pod; files and processes are those of this machine"
        )
        {
            target,
            command,
            name,
        };
        verb.SetAction(
            async (parsed, cancel) =>
            {
                var path = await new LabClient(parsed.GetValue(name)!).NamespacePathAsync(
                    parsed.GetValue(target)!,
                    cancel
                );
                await parsed.Terminal().Output.FlushAsync(cancel);
                NamespaceExec.Replace(path, parsed.GetValue(command)!);
            }
        );
        return verb.WithExamples(
            ("Show the addresses of a pod", "podfence lab exec default/web -- ip -brief address"),
            ("Capture packets on a node", "podfence lab exec node:n1 -- tcpdump -ni eth0")
        );
    }
}
