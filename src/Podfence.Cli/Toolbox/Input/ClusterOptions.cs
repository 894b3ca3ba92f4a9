using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Podfence.Analysis;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>
/// The options by which every verb of the toolbox is told what cluster it is about. Where it is read from is behind <see cref="IClusterSource"/>,
/// so that verbs do not care.
/// </summary>
internal sealed class ClusterOptions
{
    private readonly Option<string[]> _files = new("--filename", "-f")
    {
        Description = "File or folder with manifests, or - for standard input; may be given several times",
        HelpName = "PATH",
    };

    private readonly Option<bool> _recursive = new("--recursive", "-R") { Description = "Read folders inside folders too" };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Where names without a namespace are looked for, and what a listing is about", HelpName = "NAMESPACE" };
    private readonly Option<bool> _everywhere = new("--all-namespaces", "-A") { Description = "List every namespace (the default where files are given)" };

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(_files);
        verb.Add(_recursive);
        verb.Add(_namespace);
        verb.Add(_everywhere);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(_everywhere) && result.GetValue(_namespace) is not null)
            {
                result.AddError("--namespace and --all-namespaces exclude each other: leave one out");
            }
        });
    }

    /// <summary>The namespace of names that state none.</summary>
    public string NamespaceOf(ParseResult parsed) => parsed.GetValue(_namespace) ?? "default";

    /// <summary>The only namespace to list, or null for all.</summary>
    public string? Scope(ParseResult parsed) => parsed.GetValue(_namespace);

    /// <summary>How files are looked for.</summary>
    public ManifestReaderOptions Finding(ParseResult parsed) => new() { Recursive = parsed.GetValue(_recursive) };

    /// <summary>Reads the cluster. Warnings go to the error stream.</summary>
    /// <exception cref="CliException">No source was given, or something is wrong with what was read; the message has a line per fault.</exception>
    public async Task<Cluster> ReadAsync(ParseResult parsed, CancellationToken cancel)
    {
        var input = await Source(parsed).ReadAsync(cancel);
        if (input.HasErrors)
        {
            throw new CliException($"the manifests have errors\n{string.Join('\n', input.Faults)}");
        }

        foreach (var fault in input.Faults)
        {
            await parsed.Terminal().Error.WriteLineAsync(fault.ToString());
        }

        return Cluster.Complete(input);
    }

    [SuppressMessage("Performance", "CA1859", Justification = "files are one source among others to come")]
    private IClusterSource Source(ParseResult parsed) => parsed.GetValue(_files) is { Length: > 0 } files
        ? new ManifestSource(files, Finding(parsed))
        : throw new CliException("no manifests: name files or folders with -f");
}
