using System.Net.NetworkInformation;

namespace Podfence.Lab.Tests;

/// <summary>What a lab could leave behind.</summary>
internal static class KernelTraces
{
    /// <summary>Network namespaces that a process is in or holds open.</summary>
    public static HashSet<string> NamespacesInUse()
    {
        var inodes = new HashSet<string>(StringComparer.Ordinal);
        foreach (
            var process in Directory
                .EnumerateDirectories("/proc")
                .Where(static folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
        )
        {
            Add($"{process}/ns/net");
            try
            {
                foreach (var open in Directory.EnumerateFileSystemEntries($"{process}/fd"))
                {
                    Add(open);
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }

        return inodes;

        void Add(string link)
        {
            try
            {
                if (new FileInfo(link).LinkTarget is { } target && target.StartsWith("net:[", StringComparison.Ordinal))
                {
                    inodes.Add(target);
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }
    }

    /// <summary>Names of the interfaces of this process's own namespace, which is nobody's lab.</summary>
    public static IEnumerable<string> OwnInterfaces() =>
        NetworkInterface.GetAllNetworkInterfaces().Select(static device => device.Name).Order(StringComparer.Ordinal);
}
