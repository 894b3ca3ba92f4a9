using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Podfence.Dataplane;

/// <summary>Handles a received message.</summary>
internal delegate void NetlinkHandler(NetlinkMessage message);

/// <summary>
/// A netlink socket. It always belongs to the network namespace of the thread that opens it, whichever thread uses it
/// later. Used by one thread at a time.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    internal const int ProtocolNetfilter = 12;

    private const int ReceiveBuffer = 4 * 1024 * 1024;

    // The kernel sizes the chunks of a dump by the reader's buffer, up to 32 KiB.
    private readonly byte[] _received = new byte[64 * 1024];
    private readonly SafeFileHandle _handle;
    private int _sendBuffer;

    private NetlinkSocket(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="DataplaneException">The kernel has no such protocol, or no descriptor is left.</exception>
    internal static unsafe NetlinkSocket Open(int protocol, TimeSpan timeout)
    {
        var descriptor = Libc.Socket(Libc.AfNetlink, Libc.SockRaw | Libc.SockCloexec, protocol);
        if (descriptor < 0)
        {
            throw Failed("open a netlink socket", Marshal.GetLastPInvokeError());
        }

        var socket = new NetlinkSocket(new SafeFileHandle(descriptor, ownsHandle: true));
        try
        {
            socket.Prepare(timeout);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Sends all messages in one datagram.</summary>
    /// <exception cref="DataplaneException">
    /// It did not fit the socket's buffer, or the kernel has no memory.
    /// </exception>
    internal unsafe void Send(ReadOnlySpan<byte> messages)
    {
        EnsureSendBuffer(messages.Length);
        fixed (byte* data = messages)
        {
            while (Libc.Send(_handle, data, (nuint)messages.Length, 0) < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error != Errno.Interrupted)
                {
                    throw Failed($"send {messages.Length} bytes to the kernel", error);
                }
            }
        }
    }

    /// <summary>Handles all messages that have arrived, without waiting.</summary>
    /// <returns>Whether none was lost because the buffer was full.</returns>
    internal bool ReceivePending(NetlinkHandler handler)
    {
        var complete = true;
        while (true)
        {
            var error = ReceiveOnce(Libc.MsgDontWait, handler);
            switch (error)
            {
                case 0:
                    break;
                case Errno.TryAgain:
                    return complete;
                case Errno.NoBuffers:
                    complete = false;
                    break;
                default:
                    throw Failed("read the kernel's response", error);
            }
        }
    }

    /// <summary>Waits for messages and handles them.</summary>
    /// <exception cref="DataplaneException">None arrived in time, or some were lost.</exception>
    internal void Receive(NetlinkHandler handler)
    {
        var error = ReceiveOnce(0, handler);
        if (error != 0)
        {
            throw Failed("read the kernel's response", error == Errno.TryAgain ? Errno.TimedOut : error);
        }
    }

    private static DataplaneException Failed(string what, int error) =>
        new(Errno.Failure(error), $"cannot {what}: {Errno.Name(error)}");

    private unsafe int ReceiveOnce(int flags, NetlinkHandler handler)
    {
        nint length;
        fixed (byte* data = _received)
        {
            while ((length = Libc.Receive(_handle, data, (nuint)_received.Length, flags | Libc.MsgTruncated)) < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error != Errno.Interrupted)
                {
                    return error;
                }
            }
        }

        // MSG_TRUNC makes the kernel return the true length.
        if (length > _received.Length)
        {
            return Errno.MessageSize;
        }

        ReadOnlySpan<byte> rest = _received.AsSpan(0, (int)length);
        while (NetlinkMessage.TryTake(ref rest, out var message))
        {
            handler(message);
        }

        return 0;
    }

    private unsafe void Prepare(TimeSpan timeout)
    {
        Span<byte> address = stackalloc byte[12];
        address.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(address, Libc.AfNetlink);
        fixed (byte* pointer = address)
        {
            if (Libc.Bind(_handle, pointer, (uint)address.Length) < 0)
            {
                throw Failed("bind a netlink socket", Marshal.GetLastPInvokeError());
            }
        }

        // Detailed errors need a newer kernel, a larger buffer needs a privilege: both may fail.
        SetOption(Libc.SolNetlink, Libc.NetlinkExtAck, 1);
        SetOption(Libc.SolNetlink, Libc.NetlinkCapAck, 1);
        SetOption(Libc.SolSocket, Libc.SoReceiveBufferForce, ReceiveBuffer);
        var time = stackalloc nint[2];
        time[0] = (nint)timeout.TotalSeconds;
        time[1] = (nint)(timeout.TotalMicroseconds % 1_000_000);
        _ = Libc.SetOption(_handle, Libc.SolSocket, Libc.SoReceiveTimeout, time, (uint)(2 * sizeof(nint)));
    }

    /// <summary>The kernel accepts a message only if it fits the send buffer.</summary>
    private void EnsureSendBuffer(int length)
    {
        var needed = length + 4096;
        if (needed <= _sendBuffer)
        {
            return;
        }

        // The kernel doubles the number, so half of the maximum is the largest it accepts.
        needed = Math.Min(Math.Max(needed, 256 * 1024), int.MaxValue / 2);
        if (
            SetOption(Libc.SolSocket, Libc.SoSendBufferForce, needed)
            || SetOption(Libc.SolSocket, Libc.SoSendBuffer, needed)
        )
        {
            _sendBuffer = needed;
        }
    }

    private unsafe bool SetOption(int level, int name, int value) =>
        Libc.SetOption(_handle, level, name, &value, sizeof(int)) == 0;
}
