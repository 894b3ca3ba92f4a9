namespace Podfence.Bench;

/// <summary>What the kernel and the collector say of this process's memory, in bytes.</summary>
internal static class ProcessMemory
{
    /// <summary>Live objects, after everything else has been collected.</summary>
    public static long Managed()
    {
        Settle();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    /// <summary>Resident, after the collector has given back what it can.</summary>
    public static long Resident()
    {
        Settle();
        return Status("self", "VmRSS:");
    }

    /// <summary>The most that was ever resident.</summary>
    public static long Peak() => Status("self", "VmHWM:");

    private static void Settle()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>A field of <c>/proc/PROCESS/status</c> that is a size.</summary>
    public static long Status(string process, string field)
    {
        foreach (var line in File.ReadLines($"/proc/{process}/status"))
        {
            if (line.StartsWith(field, StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(field.Length, line.Length - field.Length - 2).Trim()) * 1024;
            }
        }

        return 0;
    }
}
