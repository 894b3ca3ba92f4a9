using Podfence.Manifests;

namespace Podfence.Lab;

/// <summary>The files and directories that a lab watches. Standard input is read once and its content kept.</summary>
/// <param name="paths">Files, directories and <c>-</c>.</param>
internal sealed class FollowedManifests(IReadOnlyList<string> paths)
{
    private byte[]? _input;

    /// <exception cref="LabException">The manifests have errors; the message has a line per error.</exception>
    public ObjectSet Read()
    {
        var manifests = ManifestReader.ReadPaths(
            paths,
            new ManifestReaderOptions { StandardInput = () => new MemoryStream(_input ??= ReadInput()) }
        );
        // All or nothing: a partial set of policies could allow what the full set denies.
        return manifests.HasErrors
            ? throw new LabException(LabError.Manifests, string.Join('\n', manifests.Diagnostics))
            : manifests;
    }

    private static byte[] ReadInput()
    {
        using var input = Console.OpenStandardInput();
        using var content = new MemoryStream();
        input.CopyTo(content);
        return content.ToArray();
    }
}
