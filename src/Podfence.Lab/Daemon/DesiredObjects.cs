using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// What the lab is to hold: what the followed files say, under what was applied and deleted since. A file that changes an object goes before an older apply or delete of it.
/// A value; changing it gives another, so that a change which turns out impossible is simply not kept.
/// </summary>
internal sealed record DesiredObjects
{
    private Dictionary<ObjectReference, ClusterObject> Files { get; init; } = [];

    private Dictionary<ObjectReference, ClusterObject?> Overlay { get; init; } = [];

    /// <summary>All objects, with the namespaces that are only mentioned.</summary>
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

        foreach (var name in all.Keys.Select(static reference => reference.Namespace).OfType<string>().Distinct().ToList())
        {
            var implied = ClusterObject.Of(Namespace.Create(name));
            all.TryAdd(implied.Reference, implied);
        }

        return all;
    }

    /// <summary>The files have been read again.</summary>
    public DesiredObjects WithFiles(ObjectSet manifests)
    {
        var files = new Dictionary<ObjectReference, ClusterObject>();
        foreach (var item in Stated(manifests))
        {
            files[item.Reference] = item;
        }

        var changed = Files.Keys.Union(files.Keys).Where(key => !(Files.TryGetValue(key, out var old) && files.TryGetValue(key, out var now) && old == now)).ToHashSet();
        return new DesiredObjects { Files = files, Overlay = Overlay.Where(pair => !changed.Contains(pair.Key)).ToDictionary() };
    }

    /// <summary>Objects have been applied.</summary>
    public DesiredObjects WithApplied(IEnumerable<ClusterObject> items) =>
        WithOverlay(items.Select(static item => KeyValuePair.Create(item.Reference, (ClusterObject?)item)));

    /// <summary>Objects have been deleted.</summary>
    public DesiredObjects WithDeleted(IEnumerable<ObjectReference> references) =>
        WithOverlay(references.Select(static reference => KeyValuePair.Create(reference, (ClusterObject?)null)));

    /// <summary>The objects that manifests state; namespaces that are only mentioned must not hide those that are stated elsewhere.</summary>
    public static IEnumerable<ClusterObject> Stated(ObjectSet manifests) =>
        manifests.Objects.Where(item => item.Namespace is null || !manifests.ImpliedNamespaces.Contains(item.Namespace.Name));

    private DesiredObjects WithOverlay(IEnumerable<KeyValuePair<ObjectReference, ClusterObject?>> changes)
    {
        var overlay = new Dictionary<ObjectReference, ClusterObject?>(Overlay);
        foreach (var (reference, item) in changes)
        {
            overlay[reference] = item;
        }

        return this with { Overlay = overlay };
    }
}
