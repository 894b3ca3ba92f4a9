namespace Podfence.Manifests;

/// <summary>Finds the files that a user means.</summary>
internal static class ManifestFiles
{
    private static readonly string[] s_suffixes = [".yaml", ".yml", ".json"];

    /// <summary>What is done with the bytes of one file.</summary>
    public delegate void FileAction(string name, ReadOnlySpan<byte> content);

    /// <summary>Whether a file of this path is read where its folder is.</summary>
    public static bool IsManifest(string path) => HasSuffix(path) && !path.Split('/').Any(static part => part.StartsWith('.'));

    /// <summary>Goes through files, folders and standard input in the order given, folders in the order of names.</summary>
    public static void ForEach(IEnumerable<string> paths, ManifestReaderOptions options, Action<Diagnostic> fault, FileAction action)
    {
        foreach (var path in paths)
        {
            if (path == ManifestReader.StandardInput)
            {
                ReadStandardInput(options, fault, action);
            }
            else if (Directory.Exists(path))
            {
                ReadFolder(path, options, fault, action);
            }
            else
            {
                ReadFile(path, fault, action);
            }
        }
    }

    private static bool HasSuffix(string path) => s_suffixes.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private static void ReadFolder(string folder, ManifestReaderOptions options, Action<Diagnostic> fault, FileAction action)
    {
        // Hidden files are skipped: editors' leftovers, and the ..data of mounted config maps, which would be read twice.
        var search = new EnumerationOptions { RecurseSubdirectories = options.Recursive, MaxRecursionDepth = 32, IgnoreInaccessible = false };
        try
        {
            var files = Directory.EnumerateFiles(folder, "*", search)
                .Where(HasSuffix)
                .Order(StringComparer.Ordinal)
                .ToList();
            files.ForEach(file => ReadFile(file, fault, action));
            if (files.Count == 0)
            {
                var hasFolders = !options.Recursive && Directory.EnumerateDirectories(folder, "*", search).Any();
                var remedy = hasFolders ? "read its folders too with --recursive" : null;
                Report(folder, DiagnosticSeverity.Warning, "no manifest in the folder: recognized file extensions are .json .yaml .yml", remedy);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Report(folder, DiagnosticSeverity.Error, exception.Message, null);
        }

        void Report(string file, DiagnosticSeverity severity, string message, string? remedy) => fault(new(severity, new(file, 0), null, null, message, remedy));
    }

    private static void ReadFile(string path, Action<Diagnostic> fault, FileAction action)
    {
        byte[] content;
        try
        {
            if (!File.Exists(path))
            {
                fault(new(DiagnosticSeverity.Error, new(path, 0), null, null, "no such file or folder", null));
                return;
            }

            if (new FileInfo(path).Length > TreeLimits.FileBytes)
            {
                fault(TooLarge(path));
                return;
            }

            content = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            fault(new(DiagnosticSeverity.Error, new(path, 0), null, null, exception.Message, null));
            return;
        }

        action(path, content);
    }

    private static void ReadStandardInput(ManifestReaderOptions options, Action<Diagnostic> fault, FileAction action)
    {
        using var input = options.StandardInput();
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = input.Read(buffer)) > 0;)
        {
            content.Write(buffer, 0, read);
            if (content.Length > TreeLimits.FileBytes)
            {
                fault(TooLarge(ManifestReader.StandardInput));
                return;
            }
        }

        action(ManifestReader.StandardInput, content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    private static Diagnostic TooLarge(string file) =>
        new(DiagnosticSeverity.Error, new(file, 0), null, null, $"larger than {TreeLimits.FileBytes >> 20} MiB", "split the file");
}
