using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// The sets that fences refer to, reference-counted. It holds no elements: they follow from the state, and from a
/// change of one endpoint alone it follows which elements are added and removed.
/// </summary>
internal sealed class SetCatalog(ClusterState state)
{
    private readonly Dictionary<SetId, SetEntry> _entries = [];
    private readonly Dictionary<ElementSource, HashSet<SetEntry>> _users = [];
    private readonly AnchorIndex<ElementSource> _index = new();
    private readonly HashSet<SetEntry> _touched = [];

    /// <summary>All sets with their present elements, which are found when they are enumerated.</summary>
    public IReadOnlyDictionary<SetId, IEnumerable<SetElement>> Contents
    {
        get
        {
            var finder = new ElementFinder(state);
            return _entries.Values.ToDictionary(
                static entry => entry.Definition.Id,
                IEnumerable<SetElement> (entry) => finder.Find(entry.Definition)
            );
        }
    }

    /// <summary>One more fence refers to the set.</summary>
    public void Acquire(SetDefinition definition)
    {
        if (!_entries.TryGetValue(definition.Id, out var entry))
        {
            _entries[definition.Id] = entry = new SetEntry(definition);
            foreach (var source in definition.Sources)
            {
                Attach(source, entry);
            }
        }

        entry.References++;
        _touched.Add(entry);
    }

    /// <summary>
    /// One fence less refers to the set. It stays until <see cref="Flush"/>, in case another fence acquires it.
    /// </summary>
    public void Release(SetId id)
    {
        var entry = _entries[id];
        entry.References--;
        _touched.Add(entry);
    }

    /// <summary>An address changed owners, or its owner changed.</summary>
    public void EndpointChanged(IpAddress address, AddressOwner? before, AddressOwner? after)
    {
        var removed = ElementsOf(address, before);
        foreach (var pair in ElementsOf(address, after))
        {
            if (!removed.Remove(pair))
            {
                pair.Entry.Record(pair.Element, added: true);
                _touched.Add(pair.Entry);
            }
        }

        foreach (var (entry, element) in removed)
        {
            entry.Record(element, added: false);
            _touched.Add(entry);
        }
    }

    /// <summary>
    /// Whether any peer selects only one of the two: only then can pods of the namespace be added to or removed from a
    /// set.
    /// </summary>
    public bool SelectsDifferently(Namespace? before, Namespace? after) =>
        _users.Keys.Any(source =>
            source.Selector is PodsInSelectedNamespaces selector
            && IsSelected(selector, before) != IsSelected(selector, after)
        );

    /// <summary>The changes since the last call.</summary>
    public SetChanges Flush()
    {
        var changes = new SetChanges([], [], []);
        var finder = new ElementFinder(state);
        foreach (var entry in _touched)
        {
            if (entry.References == 0)
            {
                Forget(entry);
                if (entry.Reported)
                {
                    changes.Removed.Add(entry.Definition.Id);
                }
            }
            else if (!entry.Reported)
            {
                entry.Reported = true;
                changes.Added[entry.Definition.Id] = finder.Find(entry.Definition);
                entry.TakeDelta();
            }
            else if (entry.TakeDelta() is { } delta)
            {
                changes.Changed[entry.Definition.Id] = delta;
            }
        }

        _touched.Clear();
        return changes;
    }

    private static bool IsSelected(PodsInSelectedNamespaces selector, Namespace? @namespace) =>
        @namespace is not null && selector.Namespaces.Matches(@namespace.Labels);

    /// <summary>The elements that an address contributes, with the sets that they are in.</summary>
    private HashSet<(SetEntry Entry, SetElement Element)> ElementsOf(IpAddress address, AddressOwner? owner)
    {
        var pairs = new HashSet<(SetEntry, SetElement)>();
        if (owner is not var (pod, @namespace))
        {
            return pairs;
        }

        var elements = new HashSet<SetElement>();
        foreach (var source in _index.Candidates(pod.Key.Namespace, @namespace?.Labels, pod.Labels))
        {
            elements.Clear();
            source.Collect(pod, address, @namespace, elements);
            if (elements.Count == 0)
            {
                continue;
            }

            foreach (var entry in _users[source])
            {
                if (entry.Definition.Id.Family == address.Family)
                {
                    pairs.UnionWith(elements.Select(element => (entry, element)));
                }
            }
        }

        return pairs;
    }

    private void Attach(ElementSource source, SetEntry entry)
    {
        if (!_users.TryGetValue(source, out var users))
        {
            _users[source] = users = [];
            _index.Add(source, source.Selector.IndexKeys);
        }

        users.Add(entry);
    }

    private void Forget(SetEntry entry)
    {
        _entries.Remove(entry.Definition.Id);
        foreach (var source in entry.Definition.Sources)
        {
            var users = _users[source];
            users.Remove(entry);
            if (users.Count == 0)
            {
                _users.Remove(source);
                _index.Remove(source, source.Selector.IndexKeys);
            }
        }
    }
}
