using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Finds addresses that two objects have. In a cluster this occurs briefly while one of two pods terminates; in files
/// it is usually a mistake.
/// </summary>
internal static class AddressClashes
{
    public static IEnumerable<Diagnostic> Find(IReadOnlyList<ClusterObject> objects)
    {
        var owners = new Dictionary<IpAddress, ObjectReference>();
        foreach (var item in objects)
        {
            var addresses = item.Node?.Addresses
                ?? (item.Pod is { IsEndpoint: true, Terminating: false } pod ? pod.Addresses : default);
            foreach (var address in addresses.ToArray())
            {
                if (!owners.TryAdd(address, item.Reference))
                {
                    var message = $"{address} is also the address of {owners[address]}";
                    yield return new(
                        DiagnosticSeverity.Warning,
                        item.Location,
                        item.Reference,
                        null,
                        message,
                        "of two pods the younger one owns it; give each pod its own address"
                    );
                }
            }
        }
    }
}
