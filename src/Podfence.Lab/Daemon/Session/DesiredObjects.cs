using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// The desired objects of a lab: those of the watched files, overridden by what was applied and deleted since. A newer
/// change of an object in a file takes precedence over an older apply or delete. Immutable, so that a change that turns
/// out impossible is simply discarded.
/// </summary>
internal sealed record DesiredObjects
{
    private Dictionary<ObjectReference, ClusterObject> Files { get; init; } = [];

    private Dictionary<ObjectReference, ClusterObject?> Overlay { get; init; } = [];

    /// <summary>All objects, including namespaces that are only mentioned.</summary>
    public Dictionary<ObjectReference, ClusterObject> All()
    {
        var all = new Dictionary<ObjectReference, ClusterObject>(Files);
        foreach (var (reference, item) in Overlay)
        {
            if (item is { } present)
            {
                all[reference] = present;
            }
            else
            {
                all.Remove(reference);
            }
        }

        foreach (
            var name in all.Keys.Select(static reference => reference.Namespace).OfType<string>().Distinct().ToList()
        )
        {
            var implied = ClusterObject.Of(Namespace.Create(name));
            all.TryAdd(implied.Reference, implied);
        }

        return all;
    }

    public DesiredObjects WithFiles(ObjectSet manifests)
    {
        var files = new Dictionary<ObjectReference, ClusterObject>();
        foreach (var item in Stated(manifests))
        {
            files[item.Reference] = item;
        }

        var changed = Files
            .Keys.Union(files.Keys)
            .Where(key => !(Files.TryGetValue(key, out var old) && files.TryGetValue(key, out var now) && old == now))
            .ToHashSet();
        return new DesiredObjects
        {
            Files = files,
            Overlay = Overlay.Where(pair => !changed.Contains(pair.Key)).ToDictionary(),
        };
    }

    public DesiredObjects WithApplied(IEnumerable<ClusterObject> items) =>
        WithOverlay(items.Select(static item => KeyValuePair.Create(item.Reference, (ClusterObject?)item)));

    public DesiredObjects WithDeleted(IEnumerable<ObjectReference> references) =>
        WithOverlay(references.Select(static reference => KeyValuePair.Create(reference, (ClusterObject?)null)));

    /// <summary>
    /// The objects that manifests define. Namespaces that they only mention must not replace defined ones.
    /// </summary>
    public static IEnumerable<ClusterObject> Stated(ObjectSet manifests) =>
        manifests.Objects.Where(item =>
            item.Namespace is null || !manifests.ImpliedNamespaces.Contains(item.Namespace.Name)
        );

    private DesiredObjects WithOverlay(IEnumerable<KeyValuePair<ObjectReference, ClusterObject?>> changes)
    {
        var overlay = new Dictionary<ObjectReference, ClusterObject?>(Overlay);
        foreach (var (reference, item) in changes)
        {
            overlay[reference] = item;
        }

        return this with
        {
            Overlay = overlay,
        };
    }
}
