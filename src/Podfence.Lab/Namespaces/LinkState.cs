using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Podfence.Lab;

/// <summary>
/// Waits until what was configured is in force. Two things happen behind the configurator's back. That a cable has two ends that are up is told to bridges by a worker that may
/// take a second's rest (net/core/link_watch.c); until then a bridge port does not forward. And the route by which a host knows an IPv6 address for its own is made by
/// another (net/ipv6/addrconf.c); until then the host asks its neighbours for itself. On a busy machine either loses first packets.
/// </summary>
internal static class LinkState
{
    private const uint EthtoolGetLink = 0x0a;
    private const nuint SiocEthtool = 0x8946;
    private const uint LocalRoute = 0x8000_0000;
    private const string HostPrefix = "80";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>Returns when all links and addresses of a namespace are in force.</summary>
    /// <exception cref="LabException">They are not after long.</exception>
    public static async Task SettleAsync(NetworkNamespace where, CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await where.RunAsync(FindUnsettled) is { } address)
        {
            if (TimeProvider.System.GetElapsedTime(start) > s_limit)
            {
                throw new LabException(LabError.Kernel, $"address {address} in {where.Label} is not effective after {s_limit.TotalSeconds:0} s");
            }

            await Task.Delay(s_pause, TimeProvider.System, cancel);
        }
    }

    private static string? FindUnsettled()
    {
        SettleLinks();
        var local = new HashSet<string>(StringComparer.Ordinal);
        foreach (var route in ReadRows("ipv6_route"))
        {
            if (route[1] == HostPrefix && (uint.Parse(route[8], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & LocalRoute) != 0)
            {
                local.Add(route[0]);
            }
        }

        return ReadRows("if_inet6").Select(static row => row[0]).FirstOrDefault(address => !local.Contains(address));
    }

    /// <summary>Whoever asks for the state of a link has the news about it handled first (since Linux 6.8). Twice, because a bridge's state follows from that of its ports.</summary>
    private static void SettleLinks()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var devices = File.ReadLines("/proc/thread-self/net/dev").Skip(2).Select(static line => line[..line.IndexOf(':', StringComparison.Ordinal)].Trim()).ToList();
        foreach (var device in devices.Concat(devices))
        {
            Ask(socket, device);
        }
    }

    private static unsafe void Ask(Socket socket, string device)
    {
        var value = stackalloc uint[2] { EthtoolGetLink, 0 };
        var request = new Libc.InterfaceRequest { Data = (nint)value };
        Encoding.ASCII.GetBytes(device, new Span<byte>(request.Name, 15));
        // Only the asking matters; a device that went meanwhile needs no state.
        _ = Libc.Control(socket.SafeHandle, SiocEthtool, ref request);
    }

    private static IEnumerable<string[]> ReadRows(string table) =>
        File.ReadLines($"/proc/thread-self/net/{table}").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
