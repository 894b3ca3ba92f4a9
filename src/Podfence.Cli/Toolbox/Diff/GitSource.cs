using Podfence.Analysis;
using Podfence.Manifests;

namespace Podfence.Cli;

/// <summary>Files and folders of a revision.</summary>
/// <param name="revision">The revision, as typed.</param>
/// <param name="paths">The paths, as they are today from where the program was started. A path that the revision does
/// not have is empty.</param>
/// <param name="recursive">Whether folders inside folders are read.</param>
internal sealed class GitSource(string revision, IReadOnlyList<string> paths, bool recursive) : IClusterSource
{
    private const long MaxBytes = 256L << 20;

    /// <inheritdoc/>
    public async Task<ClusterInput> ReadAsync(CancellationToken cancellationToken)
    {
        var files = new List<(string Name, byte[] Content)>();
        var faults = new List<Diagnostic>();
        foreach (var path in paths)
        {
            var found = await FilesOfAsync(path, cancellationToken);
            files.AddRange(found);
            if (found.Count == 0)
            {
                faults.Add(
                    new(
                        DiagnosticSeverity.Warning,
                        new($"{revision}:{path}", 0),
                        null,
                        null,
                        "no manifest at this path in this revision",
                        "everything it holds now counts as added"
                    )
                );
            }
        }

        var input = ManifestSource.Of(ManifestReader.ReadContents(files.DistinctBy(static file => file.Name)));
        return input with { Diagnostics = [.. faults, .. input.Diagnostics] };
    }

    private async Task<IReadOnlyList<(string Name, byte[] Content)>> FilesOfAsync(string path, CancellationToken cancel)
    {
        var (folder, rest) = Existing(Path.GetFullPath(path));
        var repository = new GitRepository(folder);
        var prefix = await repository.PrefixAsync(cancel);
        var commit = await repository.CommitAsync(revision, cancel);
        var within = (prefix + rest).Trim('/');
        var files = (await repository.FilesAsync(commit, within, cancel))
            .Where(file => IsIncluded(file.Path, within))
            .OrderBy(static file => file.Path, StringComparer.Ordinal)
            .ToList();
        if (files.Sum(static file => file.Size) > MaxBytes)
        {
            throw new CliException(
                $"{revision}:{within}: more than {MaxBytes >> 20} MiB of manifests: give a subfolder"
            );
        }

        return
        [
            .. files.Zip(await repository.ContentsAsync(files, cancel), (file, content) =>
                ($"{revision}:{file.Path}", content)
            ),
        ];
    }

    // As for files on disk: a file given by name counts whatever its extension.
    private bool IsIncluded(string file, string within)
    {
        var below =
            within.Length == 0 ? file
            : file.Length > within.Length ? file[(within.Length + 1)..]
            : "";
        return below.Length == 0
            || (ManifestReader.IsManifest(below) && (recursive || !below.Contains('/', StringComparison.Ordinal)));
    }

    /// <summary>The part of the path that exists today, and the rest: a folder may have been deleted since.</summary>
    private static (string Folder, string Below) Existing(string path)
    {
        var rest = "";
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent)
        {
            rest = rest.Length == 0 ? Path.GetFileName(path) : $"{Path.GetFileName(path)}/{rest}";
            path = parent;
        }

        return (path, rest);
    }
}
