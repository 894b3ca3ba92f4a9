using System.Runtime.InteropServices;

namespace Podfence.NetlinkBench;

/// <summary>The kernel tools' own library in process, to compare with. Podfence itself does not use it.</summary>
internal sealed partial class LibNftables : IDisposable
{
    private const string Library = "libnftables.so.1";
    private readonly nint _context;

    internal LibNftables()
    {
        _context = New(0);
        _ = BufferOutput(_context);
        _ = BufferError(_context);
    }

    public void Dispose() => Free(_context);

    internal void Run(string commands)
    {
        if (RunCommands(_context, commands) != 0)
        {
            throw new InvalidOperationException(Marshal.PtrToStringUTF8(ErrorText(_context)));
        }
    }

    [LibraryImport(Library, EntryPoint = "nft_ctx_new")]
    private static partial nint New(uint flags);

    [LibraryImport(Library, EntryPoint = "nft_ctx_free")]
    private static partial void Free(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_buffer_output")]
    private static partial int BufferOutput(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_buffer_error")]
    private static partial int BufferError(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_get_error_buffer")]
    private static partial nint ErrorText(nint context);

    [LibraryImport(Library, EntryPoint = "nft_run_cmd_from_buffer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RunCommands(nint context, string commands);
}
