using System.CommandLine;
using Podfence.Lab;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary><c>podfence lab</c>: a cluster of network namespaces on this machine.</summary>
internal static class LabVerb
{
    public static Command Create() =>
        new Command("lab", "Run a cluster of network namespaces on this machine, with real packets")
        {
            LabUpVerb.Create(),
            LabChangeVerbs.CreateApply(),
            LabChangeVerbs.CreateDelete(),
            LabExecVerb.Create(),
            LabProbeVerb.Create(),
            LabMatrixVerb.Create(),
            LabStatusVerb.Create(),
            LabDownVerb.Create(),
            LabDaemonVerb.Create(),
            LabFenceVerb.Create(),
        }.WithExamples(
            ("Start a cluster from the manifests of a directory", "podfence lab up -f examples"),
            ("Compare measured connectivity with the policies", "podfence lab matrix"),
            ("Stop the lab and remove everything", "podfence lab down")
        );

    /// <summary>A new <c>--name</c> option. Default: default.</summary>
    public static Option<string> NameOption() =>
        new("--name")
        {
            Description = "Name of the lab; labs are isolated from each other",
            DefaultValueFactory = static _ => "default",
            HelpName = "NAME",
        };

    /// <summary>A new required <c>-f</c> option.</summary>
    public static Option<string[]> FilesOption(string description) =>
        new("--filename", "-f")
        {
            Description = description,
            Required = true,
            HelpName = "PATH",
        };

    /// <summary>A new <c>--protocol</c> option. Default: TCP.</summary>
    public static Option<EnumWord<Protocol>> ProtocolOption() =>
        EnumOption.Create("--protocol", "Protocol of the probes", Protocol.Tcp, [Protocol.Tcp, Protocol.Udp]);

    /// <summary>Reads manifests; any error is fatal.</summary>
    /// <exception cref="CliException">They have errors; the message has a line per error.</exception>
    public static ObjectSet Read(string[] paths)
    {
        var manifests = ManifestReader.ReadPaths(paths);
        return manifests.HasErrors
            ? throw new CliException($"the manifests have errors\n{string.Join('\n', manifests.Diagnostics)}")
            : manifests;
    }

    /// <summary>Reports progress on the error stream.</summary>
    public static IProgress<string> Progress(Terminal terminal) => new ErrorStream(terminal.Error);

    private sealed class ErrorStream(TextWriter error) : IProgress<string>
    {
        public void Report(string value) => error.WriteLine($"… {value}");
    }
}
