namespace Podfence.Manifests;

/// <summary>Finds and reads the files that the user named.</summary>
internal static class ManifestFiles
{
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
        // Hidden files are skipped: temporary files of editors, and the ..data of mounted ConfigMaps, which would be
        // read twice.
        var search = new EnumerationOptions
        {
            RecurseSubdirectories = options.Recursive,
            MaxRecursionDepth = 32,
            IgnoreInaccessible = false,
        };
        try
        {
            var files = Directory
                .EnumerateFiles(folder, "*", search)
                .Where(HasSuffix)
                .Order(StringComparer.Ordinal)
                .ToList();
            files.ForEach(file => ReadFile(file, report, action));
            if (files.Count == 0)
            {
                var hasFolders = !options.Recursive && Directory.EnumerateDirectories(folder, "*", search).Any();
                var remedy = hasFolders ? "use --recursive to read its subfolders" : null;
                ReportFile(
                    folder,
                    DiagnosticSeverity.Warning,
                    "no manifest in the folder: recognized file extensions are .json .yaml .yml",
                    remedy
                );
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ReportFile(folder, DiagnosticSeverity.Error, exception.Message, null);
        }

        void ReportFile(string file, DiagnosticSeverity severity, string message, string? remedy) =>
            report(new(severity, new(file, 0), null, null, message, remedy));
    }

    private static void ReadFile(string path, Action<Diagnostic> report, FileAction action)
    {
        byte[] content;
        try
        {
            if (!File.Exists(path))
            {
                report(new(DiagnosticSeverity.Error, new(path, 0), null, null, "no such file or folder", null));
                return;
            }

            if (new FileInfo(path).Length > TreeLimits.MaxFileBytes)
            {
                report(TooLarge(path));
                return;
            }

            content = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            report(new(DiagnosticSeverity.Error, new(path, 0), null, null, exception.Message, null));
            return;
        }

        action(path, content);
    }

    private static void ReadStandardInput(ManifestReaderOptions options, Action<Diagnostic> report, FileAction action)
    {
        using var input = options.StandardInput();
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = input.Read(buffer)) > 0; )
        {
            content.Write(buffer, 0, read);
            if (content.Length > TreeLimits.MaxFileBytes)
            {
                report(TooLarge(ManifestReader.StandardInput));
                return;
            }
        }

        action(ManifestReader.StandardInput, content.GetBuffer().AsSpan(0, (int)content.Length));
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
