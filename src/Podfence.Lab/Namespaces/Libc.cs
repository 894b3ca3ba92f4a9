using System.Runtime.InteropServices;

namespace Podfence.Lab;

/// <summary>The few system calls that the framework lacks.</summary>
internal static partial class Libc
{
    /// <summary>CLONE_NEWNET of sched.h: the only kind of namespace the lab makes.</summary>
    public const int CloneNewNet = 0x40000000;

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNs(SafeHandle fd, int kind);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUserId();
}
