using Podfence.Analysis;
using Podfence.Manifests;

namespace Podfence.Cli;

/// <summary>Files and folders as they were in a revision.</summary>
/// <param name="revision">The revision, as typed.</param>
/// <param name="paths">The paths, as they are today from where the program was started. One that the revision does not have was empty.</param>
/// <param name="recursive">Whether folders inside folders are read.</param>
internal sealed class GitSource(string revision, IReadOnlyList<string> paths, bool recursive) : IClusterSource
{
    private const long MostBytes = 256L << 20;

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
                faults.Add(new(DiagnosticSeverity.Warning, new($"{revision}:{path}", 0), null, null, "no manifest there in this revision", "all that it holds now counts as new"));
            }
        }

        var input = ManifestSource.Of(ManifestReader.ReadContents(files.DistinctBy(static file => file.Name)));
        return input with { Faults = [.. faults, .. input.Faults] };
    }

    private async Task<IReadOnlyList<(string Name, byte[] Content)>> FilesOfAsync(string path, CancellationToken cancel)
    {
        var (folder, rest) = Existing(Path.GetFullPath(path));
        var repository = new GitRepository(folder);
        var prefix = await repository.PrefixAsync(cancel);
        var commit = await repository.CommitAsync(revision, cancel);
        var within = (prefix + rest).Trim('/');
        var files = (await repository.FilesAsync(commit, within, cancel)).Where(file => IsMeant(file.Path, within)).OrderBy(static file => file.Path, StringComparer.Ordinal).ToList();
        if (files.Sum(static file => file.Size) > MostBytes)
        {
            throw new CliException($"{revision}:{within}: more than {MostBytes >> 20} MiB of manifests: name a folder below it");
        }

        return [.. files.Zip(await repository.ContentsAsync(files, cancel), (file, content) => ($"{revision}:{file.Path}", content))];
    }

    // As files on the disk are chosen: one that is named counts whatever it is called.
    private bool IsMeant(string file, string within)
    {
        var below = within.Length == 0 ? file : file.Length > within.Length ? file[(within.Length + 1)..] : "";
        return below.Length == 0 || (ManifestReader.IsManifest(below) && (recursive || !below.Contains('/', StringComparison.Ordinal)));
    }

    /// <summary>The folder that is there today, and the rest of the path: a folder may be gone by now.</summary>
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
