using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Reads the parts of a node that policy needs.</summary>
internal static class NodeReader
{
    public static Node Read(Field root, Metadata metadata, SourceLocation location)
    {
        var spec = root["spec"];
        var status = root["status"];
        spec.CheckMap();
        status.CheckMap();
        return new Node
        {
            Name = LabelInterner.Intern(metadata.Name),
            Location = location,
            Labels = metadata.Labels,
            Addresses = ReadAddresses(status["addresses"]),
            PodCidrs = ReadPodCidrs(spec),
        };
    }

    private static EquatableArray<IpAddress> ReadAddresses(Field list)
    {
        var addresses = new List<IpAddress>();
        foreach (var item in list.Items())
        {
            item.CheckMap();
            var isAddress = item["type"].String() is "InternalIP" or "ExternalIP";
            var text = item["address"].String();
            if (isAddress && text is null && !item["address"].IsPresent)
            {
                item["address"].Required("");
            }

            // Some providers list one address as internal and as external.
            if (
                isAddress
                && text is not null
                && AddressFields.TryRead(item["address"], text, out IpAddress address)
                && !addresses.Contains(address)
            )
            {
                addresses.Add(address);
            }
        }

        return addresses.ToEquatableArray();
    }

    private static EquatableArray<Cidr> ReadPodCidrs(Field spec)
    {
        var fields = spec["podCIDRs"].Items();
        if (fields.Count == 0)
        {
            fields.Add(spec["podCIDR"]);
        }

        var cidrs = new List<Cidr>();
        foreach (var field in fields)
        {
            if (field.String() is { Length: > 0 } text && AddressFields.TryRead(field, text, out Cidr cidr))
            {
                cidrs.Add(cidr);
            }
        }

        return cidrs.ToEquatableArray();
    }
}
