using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Podfence.Lab;

/// <summary>Processes that users started inside a lab's namespaces, which would keep the namespaces alive.</summary>
internal static class NamespaceProcesses
{
    /// <summary>Kills all processes inside the namespaces.</summary>
    public static void End(IEnumerable<NetworkNamespace> namespaces)
    {
        var inodes = namespaces.Select(static held => held.Inode).ToHashSet(StringComparer.Ordinal);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                !int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || id == Environment.ProcessId
            )
            {
                continue;
            }

            try
            {
                if (new FileInfo($"{folder}/ns/net").LinkTarget is { } inode && inodes.Contains(inode))
                {
                    using var process = Process.GetProcessById(id);
                    process.Kill();
                }
            }
            catch (Exception gone)
                when (gone
                        is IOException
                            or UnauthorizedAccessException
                            or ArgumentException
                            or InvalidOperationException
                            or Win32Exception
                )
            {
                // It has exited, or it is a kernel thread.
            }
        }
    }
}
