using System.Runtime.InteropServices;

namespace Podfence.Bench;

/// <summary>Where the figures were taken.</summary>
/// <param name="Facts">What is printed of it.</param>
internal sealed record Machine(IReadOnlyList<(string Name, string Value)> Facts)
{
    /// <summary>Asked at the start, so that the load is that of others.</summary>
    public static Machine Describe()
    {
        var processor = Lines("/proc/cpuinfo")
            .FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':', 2)[1]
            .Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString();
        var memory = Lines("/proc/meminfo")
            .FirstOrDefault(static line => line.StartsWith("MemTotal", StringComparison.Ordinal))
            ?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var load = Lines("/proc/loadavg").FirstOrDefault()?.Split(' ')[0] ?? "?";
        return new Machine([
            ("processor", $"{Environment.ProcessorCount} × {processor}"),
            ("memory", memory is null ? "?" : $"{double.Parse(memory) / (1 << 20):0} GiB"),
            ("kernel", Lines("/proc/sys/kernel/osrelease").FirstOrDefault() ?? "?"),
            ("runtime", RuntimeInformation.FrameworkDescription),
            ("load of other programs at the start", load),
            ("date", TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'")),
        ]);
    }

    private static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];
}
