using System.Net.Sockets;
using System.Text;

namespace Podfence.Lab;

/// <summary>
/// Makes the kernel act on new links at once. That a cable has two ends that are up is told to bridges and to IPv6 by a worker that may take a second's rest
/// (net/core/link_watch.c); until then a bridge port does not forward and first packets are lost. Whoever asks for the state of a link has the news handled first (since Linux 6.8).
/// </summary>
internal static class LinkState
{
    private const uint EthtoolGetLink = 0x0a;
    private const nuint SiocEthtool = 0x8946;

    /// <summary>Settles all devices of a namespace: twice, because a bridge's state follows from that of its ports.</summary>
    public static void Settle(NetworkNamespace where) => where.Run(static () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var devices = File.ReadLines("/proc/thread-self/net/dev").Skip(2).Select(static line => line[..line.IndexOf(':', StringComparison.Ordinal)].Trim()).ToList();
        foreach (var device in devices.Concat(devices))
        {
            Ask(socket, device);
        }

        return true;
    });

    private static unsafe void Ask(Socket socket, string device)
    {
        var value = stackalloc uint[2] { EthtoolGetLink, 0 };
        var request = new Libc.InterfaceRequest { Data = (nint)value };
        Encoding.ASCII.GetBytes(device, new Span<byte>(request.Name, 15));
        // Only the asking matters; a device that went meanwhile needs no state.
        _ = Libc.Control(socket.SafeHandle, SiocEthtool, ref request);
    }
}
