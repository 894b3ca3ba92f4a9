using System.Runtime.InteropServices;

namespace Podfence.Bench;

/// <summary>Sockets without the framework around them, so that a loop over them costs what the kernel costs.</summary>
internal static unsafe partial class Posix
{
    public const int Inet = 2;
    public const int Inet6 = 10;
    public const int WouldBlock = 11;
    public const int InProgress = 115;
    private const int Stream = 1;
    private const int Raw = 3;
    private const int Netlink = 16;
    private const int SolNetlink = 270;
    private const int AddMembership = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int SolSocket = 1;
    private const int SolIp = 0;
    private const int ThreadCpuClock = 3;
    private const short PollIn = 1;

    /// <summary>A TCP socket that never blocks.</summary>
    public static int OpenStream(int family) => Check(socket(family, Stream | NonBlocking | CloseOnExec, 0), "socket");

    /// <summary>
    /// A netlink socket that hears what the kernel tells a group, in the namespace of the calling thread.
    /// </summary>
    public static int OpenNetlink(int protocol, int group)
    {
        var fd = Check(socket(Netlink, Raw | NonBlocking | CloseOnExec, protocol), "socket");
        Bind(fd, [Netlink, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Option(fd, SolNetlink, AddMembership, group);
        return fd;
    }

    /// <summary>Closing sends a reset and leaves nothing behind: no TIME_WAIT uses the ports up.</summary>
    public static void CloseAbruptly(int fd)
    {
        var linger = stackalloc int[] { 1, 0 };
        Check(setsockopt(fd, SolSocket, 13, linger, 8), "SO_LINGER");
    }

    /// <summary>The port is chosen when the other end is known, so that an address has all of them for each.</summary>
    public static void ChoosePortLate(int fd) => Option(fd, SolIp, 24, 1);

    public static void ReuseAddress(int fd) => Option(fd, SolSocket, 2, 1);

    /// <summary>As large as the process may ask for, whatever the machine's limit (root may).</summary>
    public static void Buffers(int fd, int bytes)
    {
        Option(fd, SolSocket, 32, bytes);
        Option(fd, SolSocket, 33, bytes);
    }

    public static void Bind(int fd, ReadOnlySpan<byte> address)
    {
        fixed (byte* start = address)
        {
            Check(bind(fd, start, address.Length), "bind");
        }
    }

    public static void Listen(int fd) => Check(listen(fd, 1024), "listen");

    /// <summary>
    /// Begins to connect; between namespaces of one machine the handshake is mostly over when this returns.
    /// </summary>
    public static void Connect(int fd, ReadOnlySpan<byte> address)
    {
        fixed (byte* start = address)
        {
            if (connect(fd, start, address.Length) != 0 && Marshal.GetLastSystemError() is not InProgress and var error)
            {
                throw new BenchException($"connect: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    /// <summary>The next connection, or -1 where none has arrived yet.</summary>
    public static int Accept(int listener)
    {
        var fd = accept4(listener, null, null, NonBlocking | CloseOnExec);
        return fd >= 0 || Marshal.GetLastSystemError() == WouldBlock ? fd : Check(fd, "accept");
    }

    /// <summary>Whether something arrives within the time.</summary>
    public static bool Wait(int fd, int milliseconds)
    {
        var entry = new PollEntry { Fd = fd, Events = PollIn };
        return poll(&entry, 1, milliseconds) > 0;
    }

    /// <summary>Bytes taken by the kernel, 0 where it takes none now.</summary>
    public static long Send(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var sent = send(fd, start, bytes.Length, 0);
            return sent >= 0 ? sent
                : Marshal.GetLastSystemError() == WouldBlock ? 0
                : Check(-1, "send");
        }
    }

    /// <summary>Bytes got, 0 where there are none now.</summary>
    public static long Receive(int fd, Span<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var got = recv(fd, start, bytes.Length, 0);
            return got >= 0 ? got
                : Marshal.GetLastSystemError() == WouldBlock ? 0
                : Check(-1, "recv");
        }
    }

    public static void Close(int fd) => _ = close(fd);

    /// <summary>Lets the thread rest for less than a timer of the framework can.</summary>
    public static void Rest(uint microseconds) => _ = usleep(microseconds);

    public static double ThreadCpuSeconds()
    {
        long* time = stackalloc long[2];
        Check(clock_gettime(ThreadCpuClock, time), "clock_gettime");
        return time[0] + (time[1] / 1e9);
    }

    private static void Option(int fd, int level, int name, int value) =>
        Check(setsockopt(fd, level, name, &value, sizeof(int)), $"setsockopt {level} {name}");

    private static int Check(int result, string what) =>
        result >= 0
            ? result
            : throw new BenchException($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastSystemError())}");

    [LibraryImport("libc")]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc")]
    private static partial int setsockopt(int fd, int level, int name, void* value, int length);

    [LibraryImport("libc")]
    private static partial int bind(int fd, byte* address, int length);

    [LibraryImport("libc")]
    private static partial int listen(int fd, int backlog);

    [LibraryImport("libc")]
    private static partial int connect(int fd, byte* address, int length);

    [LibraryImport("libc")]
    private static partial int accept4(int fd, void* address, void* length, int flags);

    [LibraryImport("libc")]
    private static partial int poll(PollEntry* entries, ulong count, int milliseconds);

    [LibraryImport("libc")]
    private static partial nint send(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    private static partial nint recv(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    [LibraryImport("libc")]
    private static partial int usleep(uint microseconds);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, long* time);

    private struct PollEntry
    {
        public int Fd;
        public short Events;
#pragma warning disable CS0649 // the kernel writes it
        public short Returned;
#pragma warning restore CS0649
    }
}
