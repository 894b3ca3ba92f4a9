using System.CommandLine;
using Podfence.Analysis;

namespace Podfence.Cli;

/// <summary>What is to be compared, as typed.</summary>
internal sealed record DiffRequest(string? Old, string? New, string? FromRevision, string? ToRevision, bool Prune);

/// <summary>What the sides of a comparison are called.</summary>
internal sealed record DiffNames(string Before, string After);

/// <summary>Reads both sides of a comparison: two folders, two revisions, or the live cluster and what it would be.</summary>
internal sealed class DiffReader(ClusterOptions cluster, ParseResult parsed)
{
    private readonly IReadOnlyList<string> _files = cluster.Files(parsed);
    private readonly bool _live = cluster.AsksForLive(parsed);

    /// <summary>Reads them.</summary>
    /// <exception cref="CliException">It is not said what to compare, or something is wrong with what was read.</exception>
    public async Task<(DiffSides Sides, DiffNames Names)> ReadAsync(DiffRequest request, CancellationToken cancel)
    {
        if (request.Prune && (request.Old ?? request.FromRevision) is not null)
        {
            throw new CliException("--prune is about the live cluster: two folders or revisions hold all there is of themselves");
        }

        var (sides, names) = request switch
        {
            { Old: not null, New: null } => throw new CliException($"{request.Old}: name what to compare it with: podfence diff OLD NEW"),
            { Old: not null, FromRevision: not null } or { Old: not null, ToRevision: not null } => throw new CliException("two folders have no revisions: leave --from-rev and --to-rev out, or give the folder with -f"),
            { Old: { } old, New: { } @new } => (await FoldersAsync(old, @new, cancel), new(old, @new)),
            { FromRevision: { } from } => await RevisionsAsync(from, request.ToRevision, cancel),
            { ToRevision: not null } => throw new CliException("--to-rev: say with --from-rev what to compare it with"),
            _ when _live && _files.Count > 0 => (await LiveAsync(request.Prune, cancel), new DiffNames("the live cluster", string.Join(", ", _files))),
            _ => throw new CliException("nothing to compare: name two folders, or --from-rev REV and -f PATH, or --live and -f PATH"),
        };
        return sides.PodsOf == PodsOf.Nobody
            ? throw new CliException("neither side has pods or workloads, so nothing can connect: name files that have some with -f, or ask the live cluster for them with --live")
            : (sides, names);
    }

    private async Task<DiffSides> FoldersAsync(string old, string @new, CancellationToken cancel)
    {
        IClusterSource? files = _files.Count > 0 ? Manifests(_files) : null;
        IClusterSource? live = _live ? new WithoutPolicies(cluster.LiveSource(parsed)) : null;
        var shared = files is not null && live is not null ? new OverlaySource(live, files) : files ?? live;
        return DiffSides.Of(shared is null ? null : await InputAsync(shared, cancel), await InputAsync(Manifests([old]), cancel), await InputAsync(Manifests([@new]), cancel));
    }

    private async Task<(DiffSides Sides, DiffNames Names)> RevisionsAsync(string from, string? to, CancellationToken cancel)
    {
        if (_files.Count == 0 || _files.Contains("-"))
        {
            throw new CliException("--from-rev: name with -f the files or folders to compare, which git knows");
        }

        var recursive = cluster.Finding(parsed).Recursive;
        var before = await InputAsync(new GitSource(from, _files, recursive), cancel);
        var after = await InputAsync(to is null ? Manifests(_files) : new GitSource(to, _files, recursive), cancel);
        var shared = _live ? await InputAsync(new WithoutPolicies(cluster.LiveSource(parsed)), cancel) : null;
        return (DiffSides.Of(shared, before, after), new(from, to ?? "the files now"));
    }

    private async Task<DiffSides> LiveAsync(bool prune, CancellationToken cancel)
    {
        // Files first: what is wrong with them is known without a cluster.
        var files = await InputAsync(Manifests(_files), cancel);
        var live = await InputAsync(cluster.LiveSource(parsed), cancel);
        return DiffSides.OfChange(live, files, prune);
    }

    private ManifestSource Manifests(IReadOnlyList<string> paths) => new(paths, cluster.Finding(parsed));

    private Task<ClusterInput> InputAsync(IClusterSource source, CancellationToken cancel) => ClusterOptions.ReadAsync(source, parsed.Terminal(), cancel);
}
