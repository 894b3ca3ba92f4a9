using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Podfence.Lab;

/// <summary>
/// Waits until links and addresses are effective. The kernel does two things asynchronously. A worker reports to
/// bridges that both ends of a veth pair are up, with up to a second of delay (net/core/link_watch.c); until then the
/// bridge port does not forward. Another adds the local route of an IPv6 address (net/ipv6/addrconf.c); until then the
/// host solicits its own address. On a busy machine either one loses first packets.
/// </summary>
internal static class LinkState
{
    private const uint EthtoolGetLink = 0x0a;
    private const nuint SiocEthtool = 0x8946;
    private const uint LocalRoute = 0x8000_0000;
    private const string HostPrefix = "80";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>Waits until all links and addresses of a namespace are effective.</summary>
    /// <exception cref="LabException">They are not in time.</exception>
    public static async Task SettleAsync(NetworkNamespace where, CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await where.RunAsync(FindUnsettled) is { } address)
        {
            if (TimeProvider.System.GetElapsedTime(start) > s_limit)
            {
                throw new LabException(
                    LabError.Kernel,
                    $"address {address} in {where.Label} is not effective after {s_limit.TotalSeconds:0} s"
                );
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
            if (
                route[1] == HostPrefix
                && (uint.Parse(route[8], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & LocalRoute) != 0
            )
            {
                local.Add(route[0]);
            }
        }

        return ReadRows("if_inet6").Select(static row => row[0]).FirstOrDefault(address => !local.Contains(address));
    }

    /// <summary>
    /// A query of the link state makes the kernel process pending link events first (since Linux 6.8). Done twice,
    /// because a bridge's state follows from that of its ports.
    /// </summary>
    private static void SettleLinks()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var devices = File.ReadLines("/proc/thread-self/net/dev")
            .Skip(2)
            .Select(static line => line[..line.IndexOf(':', StringComparison.Ordinal)].Trim())
            .ToList();
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
        // Only the query matters; the device may have been removed meanwhile.
        _ = Libc.Control(socket.SafeHandle, SiocEthtool, ref request);
    }

    private static IEnumerable<string[]> ReadRows(string table) =>
        File.ReadLines($"/proc/thread-self/net/{table}")
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
