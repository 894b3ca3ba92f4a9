namespace Podfence.Lab;

/// <summary>A veth pair between two namespaces.</summary>
public static class VethPair
{
    /// <summary>Creates the pair, assigns addresses and sets both devices up.</summary>
    /// <param name="left">The namespace of one device.</param>
    /// <param name="leftDevice">The name of the device, at most 15 characters.</param>
    /// <param name="leftAddresses">Its addresses with prefix length.</param>
    /// <param name="right">The namespace of the other device.</param>
    /// <param name="rightDevice">The name of the other device, at most 15 characters.</param>
    /// <param name="rightAddresses">Its addresses with prefix length.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="LabException">iproute2 is missing or failed.</exception>
    public static async Task ConnectAsync(
        NetworkNamespace left,
        string leftDevice,
        IReadOnlyList<string> leftAddresses,
        NetworkNamespace right,
        string rightDevice,
        IReadOnlyList<string> rightAddresses,
        CancellationToken cancel
    )
    {
        await IpTool.RunAsync(
            left,
            [
                $"link add {leftDevice} type veth peer name {rightDevice} netns {right.Path}",
                .. Addresses(leftDevice, leftAddresses),
            ],
            cancel
        );
        await IpTool.RunAsync(right, Addresses(rightDevice, rightAddresses), cancel);
    }

    private static List<string> Addresses(string device, IReadOnlyList<string> addresses)
    {
        List<string> lines = [];
        foreach (var address in addresses)
        {
            // Duplicate address detection would make the address unusable for a second.
            lines.Add(
                $"addr add {address} dev {device}{(address.Contains(':', StringComparison.Ordinal) ? " nodad" : "")}"
            );
        }

        lines.Add($"link set {device} up");
        return lines;
    }
}
