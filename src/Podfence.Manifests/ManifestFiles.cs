using System.IO.Enumeration;
using Podfence.Base;

namespace Podfence.Manifests;

/// <summary>Finds and reads the files that the user named.</summary>
internal static class ManifestFiles
{
    private const string SkipRemedy = "name the file itself to read what it leads to";

    private static readonly string[] s_suffixes = [".yaml", ".yml", ".json"];

    /// <summary>Receives the content of one file.</summary>
    public delegate void FileAction(string name, ReadOnlySpan<byte> content);

    /// <summary>Whether a file is read if its folder is named.</summary>
    public static bool IsManifest(string path) =>
        HasSuffix(path) && !path.Split('/').Any(static part => part.StartsWith('.'));

    /// <summary>
    /// Reads files, folders and standard input in the given order; the files of a folder in the order of their names.
    /// </summary>
    public static void ForEach(
        IEnumerable<string> paths,
        ManifestReaderOptions options,
        Action<Diagnostic> report,
        FileAction action
    )
    {
        foreach (var path in paths)
        {
            if (path == ManifestReader.StandardInput)
            {
                ReadStandardInput(options, report, action);
            }
            else if (Directory.Exists(path))
            {
                ReadFolder(path, options, report, action);
            }
            else
            {
                ReadFile(path, report, action);
            }
        }
    }

    private static bool HasSuffix(string path) =>
        s_suffixes.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private static void ReadFolder(
        string folder,
        ManifestReaderOptions options,
        Action<Diagnostic> report,
        FileAction action
    )
    {
        try
        {
            var (files, hasFolders) = Find(folder, options.Recursive);
            var home = UnixFile.RealPath(folder);
            foreach (var file in files)
            {
                if (WhySkipped(file, home) is { } reason)
                {
                    report(new(DiagnosticSeverity.Warning, new(file, 0), null, null, reason, SkipRemedy));
                }
                else
                {
                    ReadFile(file, report, action);
                }
            }

            if (files.Count == 0)
            {
                report(
                    new(
                        DiagnosticSeverity.Warning,
                        new(folder, 0),
                        null,
                        null,
                        "no manifest in the folder: recognized file extensions are .json .yaml .yml",
                        hasFolders && !options.Recursive ? "use --recursive to read its subfolders" : null
                    )
                );
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            report(new(DiagnosticSeverity.Error, new(folder, 0), null, null, exception.Message, null));
        }
    }

    // Links to folders are not followed: they may lead out of the folder, or in circles. Hidden files are skipped:
    // temporary files of editors, and the ..data of mounted ConfigMaps, which would be read twice.
    private static (List<string> Files, bool HasFolders) Find(string folder, bool recursive)
    {
        var hasFolders = false;
        var search = new EnumerationOptions { RecurseSubdirectories = recursive, IgnoreInaccessible = false };
        var found = new FileSystemEnumerable<string>(
            folder,
            static (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(),
            search
        )
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) =>
            {
                hasFolders |= entry.IsDirectory;
                return !entry.IsDirectory && HasSuffix(entry.FileName.ToString());
            },
            ShouldRecursePredicate = static (ref FileSystemEntry entry) =>
                !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        return ([.. found.Order(StringComparer.Ordinal)], hasFolders);
    }

    // Only for files found in a folder: a link or a pipe that the user names is read.
    private static string? WhySkipped(string file, string? home) =>
        UnixFile.RealPath(file) is not { } target ? "a link that leads nowhere: skipped"
        : !target.StartsWith($"{home?.TrimEnd('/')}/", StringComparison.Ordinal)
            ? "a link that leads out of the folder: skipped"
        : !UnixFile.IsRegular(file) ? "not a regular file: skipped"
        : null;

    private static void ReadFile(string path, Action<Diagnostic> report, FileAction action)
    {
        MemoryStream? content;
        try
        {
            if (!File.Exists(path))
            {
                report(new(DiagnosticSeverity.Error, new(path, 0), null, null, "no such file or folder", null));
                return;
            }

            // Read and not measured: a pipe has no length, and a device no end.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            content = ReadLimited(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            report(new(DiagnosticSeverity.Error, new(path, 0), null, null, exception.Message, null));
            return;
        }

        Pass(path, content, report, action);
    }

    private static void ReadStandardInput(ManifestReaderOptions options, Action<Diagnostic> report, FileAction action)
    {
        using var input = options.StandardInput();
        Pass(ManifestReader.StandardInput, ReadLimited(input), report, action);
    }

    private static void Pass(string name, MemoryStream? content, Action<Diagnostic> report, FileAction action)
    {
        if (content is null)
        {
            report(TooLarge(name));
        }
        else
        {
            action(name, content.GetBuffer().AsSpan(0, (int)content.Length));
        }
    }

    private static MemoryStream? ReadLimited(Stream input)
    {
        // The length of a file saves the reading of one that is too large, and the growing of the buffer. It is not
        // relied on: that of a device is 0.
        var length = input.CanSeek ? input.Length : 0;
        if (length > TreeLimits.MaxFileBytes)
        {
            return null;
        }

        var content = new MemoryStream((int)length);
        var buffer = new byte[64 * 1024];
        for (int read; (read = input.Read(buffer)) > 0; )
        {
            if (content.Length + read > TreeLimits.MaxFileBytes)
            {
                return null;
            }

            content.Write(buffer, 0, read);
        }

        return content;
    }

    private static Diagnostic TooLarge(string file) =>
        new(
            DiagnosticSeverity.Error,
            new(file, 0),
            null,
            null,
            $"larger than {TreeLimits.MaxFileBytes >> 20} MiB",
            "split the file"
        );
}
