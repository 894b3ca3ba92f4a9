using System.CommandLine;
using Podfence.Analysis;

namespace Podfence.Cli;

/// <summary>What to compare, as typed.</summary>
internal sealed record DiffRequest(string? Old, string? New, string? FromRevision, string? ToRevision, bool Prune);

/// <summary>The names of both sides.</summary>
internal sealed record DiffNames(string Before, string After);

/// <summary>
/// Reads both sides of a comparison: two folders, two revisions, or the live cluster and what it would be.
/// </summary>
internal sealed class DiffReader(ClusterOptions cluster, ParseResult parsed)
{
    private readonly IReadOnlyList<string> _files = cluster.Files(parsed);
    private readonly bool _live = cluster.SelectsLive(parsed);

    /// <exception cref="CliException">The arguments do not say what to compare, or the input has errors.</exception>
    public async Task<(DiffSides Sides, DiffNames Names)> ReadAsync(DiffRequest request, CancellationToken cancel)
    {
        if (request.Prune && (request.Old ?? request.FromRevision) is not null)
        {
            throw new CliException("--prune needs --live: two folders or revisions are compared as they are");
        }

        var (sides, names) = request switch
        {
            { Old: not null, New: null } => throw new CliException(
                $"{request.Old}: nothing to compare it with: podfence diff OLD NEW"
            ),
            { Old: not null, FromRevision: not null } or { Old: not null, ToRevision: not null } =>
                throw new CliException(
                    "--from-rev and --to-rev do not apply to two folders: leave them out, or give the folder with -f"
                ),
            { Old: { } old, New: { } @new } => (await FoldersAsync(old, @new, cancel), new(old, @new)),
            { FromRevision: { } from } => await RevisionsAsync(from, request.ToRevision, cancel),
            { ToRevision: not null } => throw new CliException("--to-rev needs --from-rev"),
            _ when _live && _files.Count > 0 => (
                await LiveAsync(request.Prune, cancel),
                new DiffNames("the live cluster", string.Join(", ", _files))
            ),
            _ => throw new CliException(
                "nothing to compare: give two folders, or --from-rev REV and -f PATH, or --live and -f PATH"
            ),
        };
        return sides.PodsOf == PodsOf.None
            ? throw new CliException(
                "neither side has pods or workloads, so there is nothing to compare: add files that have some "
                    + "with -f, or those of the live cluster with --live"
            )
            : (sides, names);
    }

    private async Task<DiffSides> FoldersAsync(string old, string @new, CancellationToken cancel)
    {
        IClusterSource? files = _files.Count > 0 ? Manifests(_files) : null;
        IClusterSource? live = _live ? new WithoutPolicies(cluster.LiveSource(parsed)) : null;
        var shared = files is not null && live is not null ? new OverlaySource(live, files) : files ?? live;
        return DiffSides.Of(
            shared is null ? null : await InputAsync(shared, cancel),
            await InputAsync(Manifests([old]), cancel),
            await InputAsync(Manifests([@new]), cancel)
        );
    }

    private async Task<(DiffSides Sides, DiffNames Names)> RevisionsAsync(
        string from,
        string? to,
        CancellationToken cancel
    )
    {
        if (_files.Count == 0 || _files.Contains("-"))
        {
            throw new CliException("--from-rev needs -f with files or folders of a git repository");
        }

        var recursive = cluster.Finding(parsed).Recursive;
        var before = await InputAsync(new GitSource(from, _files, recursive), cancel);
        var after = await InputAsync(to is null ? Manifests(_files) : new GitSource(to, _files, recursive), cancel);
        var shared = _live ? await InputAsync(new WithoutPolicies(cluster.LiveSource(parsed)), cancel) : null;
        return (DiffSides.Of(shared, before, after), new(from, to ?? "the current files"));
    }

    private async Task<DiffSides> LiveAsync(bool prune, CancellationToken cancel)
    {
        // Files first: what is wrong with them is known without a cluster.
        var files = await InputAsync(Manifests(_files), cancel);
        var live = await InputAsync(cluster.LiveSource(parsed), cancel);
        return DiffSides.OfChange(live, files, prune);
    }

    private ManifestSource Manifests(IReadOnlyList<string> paths) => new(paths, cluster.Finding(parsed));

    private Task<ClusterInput> InputAsync(IClusterSource source, CancellationToken cancel) =>
        ClusterOptions.ReadAsync(source, parsed.Terminal(), cancel);
}
