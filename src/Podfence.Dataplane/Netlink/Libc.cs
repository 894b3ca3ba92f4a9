using System.Runtime.InteropServices;

namespace Podfence.Dataplane;

/// <summary>The system calls that netlink needs. The framework's sockets do not support netlink addresses.</summary>
internal static partial class Libc
{
    internal const int MembarrierGlobal = 1;

    internal const int AfNetlink = 16;
    internal const int SockRaw = 3;
    internal const int SockCloexec = 0x80000;
    internal const int MsgDontWait = 0x40;
    internal const int MsgTruncated = 0x20;

    internal const int SolSocket = 1;
    internal const int SoSendBuffer = 7;
    internal const int SoReceiveTimeout = 20;
    internal const int SoSendBufferForce = 32;
    internal const int SoReceiveBufferForce = 33;

    internal const int SolNetlink = 270;
    internal const int NetlinkCapAck = 10;
    internal const int NetlinkExtAck = 11;

    // The C library has no function of this name.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    internal static unsafe partial int Bind(SafeHandle socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static unsafe partial int SetOption(SafeHandle socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    internal static unsafe partial nint Send(SafeHandle socket, byte* data, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    internal static unsafe partial nint Receive(SafeHandle socket, byte* data, nuint length, int flags);
}
