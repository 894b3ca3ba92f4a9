using Podfence.Model;

namespace Podfence.Dataplane;

/// <summary>
/// Packets between two pods on one bridge reach the packet filter only where bridge netfilter is on. Where it is off,
/// fences would have a hole that is not visible, so this is checked and reported with the remedy.
/// </summary>
public static class BridgeNetfilter
{
    private const string Folder = "/proc/sys/net/bridge";

    /// <summary>
    /// Checks that no address is behind a bridge whose packets bypass the packet filter, in the network namespace of
    /// the calling thread.
    /// </summary>
    /// <exception cref="DataplaneException">
    /// With <see cref="DataplaneFailure.BridgeNetfilterOff"/>: some bridged packets are not filtered. The message has
    /// the remedy.
    /// </exception>
    public static void Require(IEnumerable<IpAddress> addresses)
    {
        using var routes = RouteTable.Open();
        var bridges = new Dictionary<int, bool>();
        foreach (var family in addresses.GroupBy(static address => address.Family))
        {
            var setting = family.Key == IpFamily.IPv4 ? "bridge-nf-call-iptables" : "bridge-nf-call-ip6tables";
            if (IsOn(setting))
            {
                continue;
            }

            foreach (var address in family)
            {
                if (routes.DeviceTo(address) is { } device && IsBridge(device))
                {
                    throw new DataplaneException(
                        DataplaneFailure.BridgeNetfilterOff,
                        $"net.bridge.{setting} is off, "
                            + $"so packets between pods on the same bridge ({address} is on one) pass unfiltered; "
                            + $"run: modprobe br_netfilter && sysctl -w net.bridge.{setting}=1"
                    );
                }
            }
        }

        bool IsBridge(int device)
        {
            if (!bridges.TryGetValue(device, out var known))
            {
                bridges[device] = known = routes.IsBridge(device);
            }

            return known;
        }
    }

    private static bool IsOn(string setting)
    {
        var file = Path.Combine(Folder, setting);
        // Without the module there is no such file, and no bridged packet is filtered.
        return File.Exists(file) && File.ReadAllText(file).Trim() == "1";
    }
}
