using Podfence.Manifests;


namespace Podfence.Lab;

/// <summary>The files and folders that a lab follows. Standard input can be read only once; what it said goes on to hold.</summary>
/// <param name="paths">Files, folders and <c>-</c>.</param>
internal sealed class FollowedManifests(IReadOnlyList<string> paths)
{
    private byte[]? _input;

    /// <summary>Reads all of them, as they are now.</summary>
    /// <exception cref="LabException">Something is wrong with them; the message has a line per fault.</exception>
    public ObjectSet Read()
    {
        var manifests = ManifestReader.ReadPaths(paths, new ManifestReaderOptions { StandardInput = () => new MemoryStream(_input ??= ReadInput()) });
        // What can be read of a file with a fault is half of what is meant, and half a policy set is a hole: all or nothing.
        return manifests.HasErrors ? throw new LabException(LabError.Manifests, string.Join('\n', manifests.Diagnostics)) : manifests;
    }

    private static byte[] ReadInput()
    {
        using var input = Console.OpenStandardInput();
        using var content = new MemoryStream();
        input.CopyTo(content);
        return content.ToArray();
    }
}
