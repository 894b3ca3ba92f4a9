namespace Podfence.Lab;

/// <summary>Two ends of a cable between two namespaces.</summary>
public static class VethPair
{
    /// <summary>Makes the cable, gives both ends their addresses and sets them up.</summary>
    /// <param name="left">The namespace of one end.</param>
    /// <param name="leftDevice">The name of its device, at most 15 characters.</param>
    /// <param name="leftAddresses">Its addresses with prefix length.</param>
    /// <param name="right">The namespace of the other end.</param>
    /// <param name="rightDevice">The name of its device, at most 15 characters.</param>
    /// <param name="rightAddresses">Its addresses with prefix length.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="LabException">iproute2 is missing or refused.</exception>
    public static async Task ConnectAsync(
        NetworkNamespace left,
        string leftDevice,
        IReadOnlyList<string> leftAddresses,
        NetworkNamespace right,
        string rightDevice,
        IReadOnlyList<string> rightAddresses,
        CancellationToken cancel)
    {
        await IpTool.RunAsync(left, [$"link add {leftDevice} type veth peer name {rightDevice} netns {right.Path}", .. Addresses(leftDevice, leftAddresses)], cancel);
        await IpTool.RunAsync(right, Addresses(rightDevice, rightAddresses), cancel);
    }

    private static List<string> Addresses(string device, IReadOnlyList<string> addresses)
    {
        List<string> lines = [];
        foreach (var address in addresses)
        {
            // Duplicate address detection would keep the address unusable for a second.
            lines.Add($"addr add {address} dev {device}{(address.Contains(':', StringComparison.Ordinal) ? " nodad" : "")}");
        }

        lines.Add($"link set {device} up");
        return lines;
    }
}
