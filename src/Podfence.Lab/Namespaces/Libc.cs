using System.Runtime.InteropServices;

namespace Podfence.Lab;

/// <summary>System calls that .NET does not offer.</summary>
internal static partial class Libc
{
    /// <summary>CLONE_NEWNET of sched.h.</summary>
    public const int CloneNewNet = 0x40000000;

    /// <summary>SIGTERM of signal.h.</summary>
    public const int SigTerm = 15;

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNs(SafeHandle fd, int kind);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeHandle fd, nuint request, ref InterfaceRequest argument);

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    public static partial int SetSid();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    public static partial nint Signal(int signal, nint handler);

    /// <summary>Replaces the process; the array ends with null.</summary>
    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Execute(string file, string?[] arguments);

    /// <summary>struct ifreq of net/if.h with a pointer in its union.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    public unsafe struct InterfaceRequest
    {
        public fixed byte Name[16];
        public nint Data;
    }
}
