using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Podfence.Base;

/// <summary>
/// What the runtime does not say about a file: whether opening it can block, and where its path really leads.
/// </summary>
public static partial class UnixFile
{
    private const int CurrentFolder = -100;
    private const uint TypeField = 1;
    private const int FileTypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    // struct statx of linux/stat.h: the same layout on every architecture.
    private const int StatxBytes = 256;
    private const int ModeOffset = 28;
    private const int MaxPathBytes = 4096;

    /// <summary>
    /// Whether a path leads, through links if need be, to a regular file: not a pipe, a device or a socket.
    /// </summary>
    /// <remarks>It is not opened: opening a pipe waits for a writer, and a device may have no end.</remarks>
    public static bool IsRegular(string path)
    {
        Span<byte> stat = stackalloc byte[StatxBytes];
        return Statx(CurrentFolder, path, 0, TypeField, ref MemoryMarshal.GetReference(stat)) == 0
            && (BinaryPrimitives.ReadUInt16LittleEndian(stat[ModeOffset..]) & FileTypeMask) == RegularFile;
    }

    /// <summary>The absolute path without links, as realpath(3) finds it.</summary>
    /// <returns>Null if the path leads nowhere, or to itself.</returns>
    public static string? RealPath(string path)
    {
        Span<byte> resolved = stackalloc byte[MaxPathBytes];
        return Resolve(path, ref MemoryMarshal.GetReference(resolved)) == 0
            ? null
            : Encoding.UTF8.GetString(resolved[..resolved.IndexOf((byte)0)]);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte stat);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Resolve(string path, ref byte resolved);
}
