using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Finds addresses that two objects state. A cluster may hold such pods for a moment, one of them ending; in files it is a slip more often than not.
/// </summary>
internal static class AddressClashes
{
    public static IEnumerable<Diagnostic> Find(IReadOnlyList<ClusterObject> objects)
    {
        var owners = new Dictionary<IpAddress, ObjectReference>();
        foreach (var item in objects)
        {
            var addresses = item.Node?.Addresses ?? (item.Pod is { IsEndpoint: true, Terminating: false } pod ? pod.Addresses : default);
            foreach (var address in addresses.ToArray())
            {
                if (!owners.TryAdd(address, item.Reference))
                {
                    var message = $"{address} is the address of {owners[address]} too";
                    yield return new(DiagnosticSeverity.Warning, item.Location, item.Reference, null, message, "of two pods the younger owns it; give each its own");
                }
            }
        }
    }
}
