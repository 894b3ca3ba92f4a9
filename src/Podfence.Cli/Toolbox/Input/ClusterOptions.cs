using System.CommandLine;
using Podfence.Analysis;
using Podfence.Kubernetes;
using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Cli;

/// <summary>
/// The options by which every toolbox verb selects its cluster: files, the live cluster that kubectl would use, or
/// files over the live cluster.
/// <see cref="IClusterSource"/> hides the difference from the verbs.
/// </summary>
internal sealed class ClusterOptions
{
    private readonly Option<string[]> _files = new("--filename", "-f")
    {
        Description =
            "File or folder with manifests, or - for standard input; repeatable. Without it, the live cluster is read",
        HelpName = "PATH",
    };

    private readonly Option<bool> _recursive = new("--recursive", "-R") { Description = "Read subfolders too" };
    private readonly Option<bool> _live = new("--live")
    {
        Description = "With -f: the live cluster as it would be with the files applied",
    };
    private readonly Option<string?> _kubeconfig = new("--kubeconfig")
    {
        Description = "Kubeconfig to use (default: as kubectl finds it)",
        HelpName = "FILE",
    };
    private readonly Option<string?> _context = new("--context")
    {
        Description = "Kubeconfig context to use (default: the current one)",
        HelpName = "NAME",
    };
    private readonly Option<string?> _namespace = new("--namespace", "-n")
    {
        Description = "Namespace of names that state none, and of listings (default: the context's)",
        HelpName = "NAMESPACE",
    };
    private readonly Option<bool> _everywhere = new("--all-namespaces", "-A")
    {
        Description = "List every namespace (the default with files)",
    };

    public ClusterOptions()
    {
        _context.CompletionSources.Add(static _ => KubeconfigNames.Contexts(Environment.GetEnvironmentVariable));
    }

    /// <summary>The option for a single namespace.</summary>
    public Option<string?> NamespaceOption => _namespace;

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(_files);
        verb.Add(_recursive);
        verb.Add(_live);
        verb.Add(_kubeconfig);
        verb.Add(_context);
        verb.Add(_namespace);
        verb.Add(_everywhere);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(_everywhere) && result.GetValue(_namespace) is not null)
            {
                result.AddError("--namespace and --all-namespaces exclude each other: leave one out");
            }

            if (
                result.GetValue(_files) is { Length: > 0 }
                && !result.GetValue(_live)
                && (result.GetValue(_kubeconfig) ?? result.GetValue(_context)) is not null
            )
            {
                result.AddError(
                    "with -f only the files are read: add --live to apply them to the live cluster, or leave "
                        + "--kubeconfig and --context out"
                );
            }
        });
    }

    /// <summary>The namespace of names without one: that of the option, or of the live cluster's context.</summary>
    /// <exception cref="CliException">The live cluster is selected, and its access is not configured.</exception>
    public string NamespaceOf(ParseResult parsed) =>
        parsed.GetValue(_namespace) ?? (IsLive(parsed) ? Access(parsed).Namespace : null) ?? "default";

    /// <summary>
    /// The only namespace to list, or null for all. Without files it is chosen as kubectl chooses it.
    /// </summary>
    /// <exception cref="CliException">The live cluster is selected, and its access is not configured.</exception>
    public string? Scope(ParseResult parsed) =>
        parsed.GetValue(_namespace) ?? (parsed.GetValue(_everywhere) || HasFiles(parsed) ? null : NamespaceOf(parsed));

    /// <summary>How files are looked for.</summary>
    public ManifestReaderOptions Finding(ParseResult parsed) => new() { Recursive = parsed.GetValue(_recursive) };

    /// <summary>Reads the cluster. Warnings go to the error stream.</summary>
    /// <exception cref="CliException">There is no input, or it has errors; the message has a line for each.</exception>
    public async Task<Cluster> ReadAsync(ParseResult parsed, CancellationToken cancel) =>
        Cluster.Complete(await ReadAsync(Source(parsed), parsed.Terminal(), cancel));

    /// <summary>Reads a source. Warnings go to the error stream.</summary>
    /// <exception cref="CliException">The input has errors; the message has a line for each.</exception>
    public static async Task<ClusterInput> ReadAsync(IClusterSource source, Terminal terminal, CancellationToken cancel)
    {
        var input = await source.ReadAsync(cancel);
        if (input.HasErrors)
        {
            throw new CliException($"the manifests have errors\n{string.Join('\n', input.Diagnostics)}");
        }

        foreach (var fault in input.Diagnostics)
        {
            await terminal.Error.WriteLineAsync(fault.ToString());
        }

        return input;
    }

    /// <summary>The live cluster, for verbs that compare it.</summary>
    /// <exception cref="CliException">Its access is not configured.</exception>
    public IClusterSource LiveSource(ParseResult parsed) => new LiveClusterSource(Access(parsed), parsed.Terminal());

    /// <summary>The files, for verbs that compare them; none where no file is named.</summary>
    public IReadOnlyList<string> Files(ParseResult parsed) => parsed.GetValue(_files) ?? [];

    /// <summary>Whether the live cluster was selected explicitly.</summary>
    public bool SelectsLive(ParseResult parsed) =>
        parsed.GetValue(_live) || (parsed.GetValue(_kubeconfig) ?? parsed.GetValue(_context)) is not null;

    private IClusterSource Source(ParseResult parsed)
    {
        var live = IsLive(parsed) ? LiveSource(parsed) : null;
        var files = HasFiles(parsed) ? new ManifestSource(parsed.GetValue(_files)!, Finding(parsed)) : null;
        return live is null ? files!
            : files is null ? live
            : new OverlaySource(live, files);
    }

    private bool HasFiles(ParseResult parsed) => parsed.GetValue(_files) is { Length: > 0 };

    private bool IsLive(ParseResult parsed) => parsed.GetValue(_live) || !HasFiles(parsed);

    private ClusterAccess Access(ParseResult parsed)
    {
        var (kubeconfig, context) = (parsed.GetValue(_kubeconfig), parsed.GetValue(_context));
        try
        {
            return ClusterAccess.Load(
                new AccessOptions
                {
                    Kubeconfig = kubeconfig,
                    Context = context,
                    Environment = parsed.Terminal().Environment,
                }
            );
        }
        catch (AccessException fault)
        {
            var isSelected = parsed.GetValue(_live) || (kubeconfig ?? context) is not null;
            throw new CliException(
                isSelected
                    ? fault.Message
                    : $"no files are given with -f, and no live cluster is configured: {fault.Message}",
                fault
            );
        }
    }
}
