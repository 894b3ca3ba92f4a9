namespace Podfence.Base;

/// <summary>Finds the file of a program, so that no process is ever started by a bare name.</summary>
/// <remarks>
/// <see cref="System.Diagnostics.Process"/> looks for a bare name beside its own executable and in the current folder
/// before it looks in PATH. Podfence runs in folders that other people write to: a file named <c>git</c> in a
/// repository must not become Podfence's git.
/// </remarks>
public static class ProgramPath
{
    /// <summary>
    /// The folders of system programs. The PATH of a service or of a user without privilege may lack the sbin folders.
    /// </summary>
    public static IReadOnlyList<string> SystemFolders { get; } =
    ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

    /// <summary>Finds a system program; PATH is not used.</summary>
    /// <param name="name">A bare name, such as <c>ip</c>.</param>
    /// <returns>The absolute path; null if no folder has such a program.</returns>
    public static string? FindSystem(string name) => FindIn(SystemFolders, name);

    /// <summary>Finds a program as a shell does: by PATH if it is a bare name, else by the given path.</summary>
    /// <param name="command">A bare name, or an absolute path.</param>
    /// <param name="searchPath">
    /// The value of PATH. Empty and relative entries are skipped, because they lead to the current folder.
    /// </param>
    /// <returns>The absolute path; null if there is no such program, or if the command is a relative path.</returns>
    public static string? Find(string command, string? searchPath)
    {
        if (command.Contains('/', StringComparison.Ordinal))
        {
            return Path.IsPathRooted(command) && IsProgram(command) ? command : null;
        }

        return FindIn((searchPath ?? "").Split(':').Where(Path.IsPathRooted), command);
    }

    private static string? FindIn(IEnumerable<string> folders, string name) =>
        name.Length == 0 ? null : folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsProgram);

    private static bool IsProgram(string path)
    {
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var file = new FileInfo(path);
        return file.Exists && (file.UnixFileMode & Execute) != UnixFileMode.None;
    }
}
