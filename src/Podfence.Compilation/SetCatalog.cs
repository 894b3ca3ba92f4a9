using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// The sets that fences refer to, counted. It holds no elements: which ones a set has follows from the state, and a change of one endpoint tells
/// by itself which elements enter and leave.
/// </summary>
internal sealed class SetCatalog(ClusterState state)
{
    private readonly Dictionary<SetId, Entry> _entries = [];
    private readonly Dictionary<ElementSource, HashSet<Entry>> _users = [];
    private readonly AnchorIndex<ElementSource> _index = new();
    private readonly HashSet<Entry> _touched = [];

    /// <summary>All sets with their elements as of now, found when they are enumerated.</summary>
    public IReadOnlyDictionary<SetId, IEnumerable<SetElement>> Contents
    {
        get
        {
            var members = new Dictionary<ElementSource, List<Pod>>();
            return _entries.Values.ToDictionary(static entry => entry.Spec.Id, IEnumerable<SetElement> (entry) => Elements(entry.Spec, members));
        }
    }

    /// <summary>One more fence refers to the set.</summary>
    public void Acquire(SetDefinition spec)
    {
        if (!_entries.TryGetValue(spec.Id, out var entry))
        {
            _entries[spec.Id] = entry = new Entry(spec);
            foreach (var leaf in spec.Leaves)
            {
                Attach(leaf, entry);
            }
        }

        entry.References++;
        _touched.Add(entry);
    }

    /// <summary>One fence less refers to the set. It stays until <see cref="Flush"/>, in case another one takes it up.</summary>
    public void Release(SetId id)
    {
        var entry = _entries[id];
        entry.References--;
        _touched.Add(entry);
    }

    /// <summary>An address changed owners, or its owner changed.</summary>
    public void EndpointChanged(IpAddress address, (Pod Pod, Namespace? Namespace)? before, (Pod Pod, Namespace? Namespace)? after)
    {
        var left = ElementsOf(address, before);
        foreach (var pair in ElementsOf(address, after))
        {
            if (!left.Remove(pair))
            {
                pair.Entry.Note(pair.Element, added: true);
                _touched.Add(pair.Entry);
            }
        }

        foreach (var (entry, element) in left)
        {
            entry.Note(element, added: false);
            _touched.Add(entry);
        }
    }

    /// <summary>Whether any peer tells the two apart: only then can pods of the namespace enter or leave a set.</summary>
    public bool TellsApart(Namespace? before, Namespace? after) =>
        _users.Keys.Any(leaf => leaf.Scope is SelectorScope scope
            && (before is not null && scope.Namespaces.Matches(before.Labels)) != (after is not null && scope.Namespaces.Matches(after.Labels)));

    /// <summary>What has changed since the last call.</summary>
    public (Dictionary<SetId, IReadOnlyCollection<SetElement>> Added, List<SetId> Removed, Dictionary<SetId, ElementDelta> Changed) Flush()
    {
        var added = new Dictionary<SetId, IReadOnlyCollection<SetElement>>();
        var removed = new List<SetId>();
        var changed = new Dictionary<SetId, ElementDelta>();
        var members = new Dictionary<ElementSource, List<Pod>>();
        foreach (var entry in _touched)
        {
            if (entry.References == 0)
            {
                Forget(entry);
                if (entry.Live)
                {
                    removed.Add(entry.Spec.Id);
                }
            }
            else if (!entry.Live)
            {
                entry.Live = true;
                added[entry.Spec.Id] = Elements(entry.Spec, members);
                entry.TakeDelta();
            }
            else if (entry.TakeDelta() is { } delta)
            {
                changed[entry.Spec.Id] = delta;
            }
        }

        _touched.Clear();
        return (added, removed, changed);
    }

    /// <param name="spec">The set.</param>
    /// <param name="members">Whom leaves mean, where it is known already: both families of a set have the same.</param>
    private IReadOnlyCollection<SetElement> Elements(SetDefinition spec, Dictionary<ElementSource, List<Pod>> members)
    {
        if (spec.Id.Kind == SetKind.Ranges)
        {
            return [.. spec.Ranges.Select(SetElement.Of)];
        }

        // An address has one owner, so one leaf names it once.
        if (spec.Leaves is [{ Ports: null, Scope: NamespaceScope or SelectorScope } only])
        {
            return Addresses(only, spec.Id.Family, members);
        }

        var elements = new HashSet<SetElement>();
        foreach (var leaf in spec.Leaves)
        {
            foreach (var pod in Pods(leaf.Scope))
            {
                if (AddressOf(pod, spec.Id.Family) is { } address)
                {
                    leaf.Collect(pod, address, state.Namespaces.GetValueOrDefault(pod.Key.Namespace), elements);
                }
            }
        }

        return elements;
    }

    /// <summary>The addresses of the endpoints that a leaf means: labels first, as they are cheaper to tell than whose an address is.</summary>
    private List<SetElement> Addresses(ElementSource leaf, IpFamily family, Dictionary<ElementSource, List<Pod>> members)
    {
        if (!members.TryGetValue(leaf, out var meant))
        {
            members[leaf] = meant = [];
            var selector = Filing(leaf.Scope).Pods;
            foreach (var pod in Pods(leaf.Scope))
            {
                if (selector.Matches(pod.Labels))
                {
                    meant.Add(pod);
                }
            }
        }

        var elements = new List<SetElement>(meant.Count);
        foreach (var pod in meant)
        {
            if (AddressOf(pod, family) is { } address)
            {
                elements.Add(SetElement.Of(address));
            }
        }

        return elements;
    }

    /// <summary>The address that a pod has as an endpoint.</summary>
    private IpAddress? AddressOf(Pod pod, IpFamily family) => pod.IsEndpoint && pod.AddressOf(family) is { } address && state.Owns(pod, address) ? address : null;

    /// <summary>The pods that may match a scope: those of the namespaces it can mean.</summary>
    private IEnumerable<Pod> Pods(PeerSelector scope) => scope switch
    {
        NamespaceScope one => state.PodsIn(one.Namespace),
        SelectorScope some => state.Namespaces.Values.Where(@namespace => some.Namespaces.Matches(@namespace.Labels)).SelectMany(@namespace => state.PodsIn(@namespace.Name)),
        _ => state.Pods,
    };

    private HashSet<(Entry Entry, SetElement Element)> ElementsOf(IpAddress address, (Pod Pod, Namespace? Namespace)? owner)
    {
        var pairs = new HashSet<(Entry, SetElement)>();
        if (owner is not var (pod, @namespace))
        {
            return pairs;
        }

        var elements = new HashSet<SetElement>();
        foreach (var leaf in _index.Candidates(pod.Key.Namespace, @namespace?.Labels, pod.Labels))
        {
            elements.Clear();
            leaf.Collect(pod, address, @namespace, elements);
            if (elements.Count == 0)
            {
                continue;
            }

            foreach (var entry in _users[leaf])
            {
                if (entry.Spec.Id.Family == address.Family)
                {
                    pairs.UnionWith(elements.Select(element => (entry, element)));
                }
            }
        }

        return pairs;
    }

    private void Attach(ElementSource leaf, Entry entry)
    {
        if (!_users.TryGetValue(leaf, out var users))
        {
            _users[leaf] = users = [];
            var (@namespace, namespaces, pods) = Filing(leaf.Scope);
            _index.Add(leaf, @namespace, namespaces, pods);
        }

        users.Add(entry);
    }

    private void Forget(Entry entry)
    {
        _entries.Remove(entry.Spec.Id);
        foreach (var leaf in entry.Spec.Leaves)
        {
            var users = _users[leaf];
            users.Remove(entry);
            if (users.Count == 0)
            {
                _users.Remove(leaf);
                var (@namespace, namespaces, pods) = Filing(leaf.Scope);
                _index.Remove(leaf, @namespace, namespaces, pods);
            }
        }
    }

    private static (string? Namespace, LabelSelector? Namespaces, LabelSelector Pods) Filing(PeerSelector scope) => scope switch
    {
        NamespaceScope one => (one.Namespace, null, one.Pods),
        SelectorScope some => (null, some.Namespaces, some.Pods),
        _ => (null, null, LabelSelector.Everything),
    };

    /// <summary>A set in use.</summary>
    private sealed class Entry(SetDefinition spec)
    {
        private HashSet<SetElement>? _added;
        private HashSet<SetElement>? _removed;

        public SetDefinition Spec { get; } = spec;

        public int References { get; set; }

        /// <summary>Whether the set has been reported: from then on its elements are reported one by one.</summary>
        public bool Live { get; set; }

        public void Note(SetElement element, bool added)
        {
            var (here, there) = added ? (_added ??= [], _removed) : (_removed ??= [], _added);
            if (there is null || !there.Remove(element))
            {
                here.Add(element);
            }
        }

        public ElementDelta? TakeDelta()
        {
            var delta = (_added?.Count ?? 0) + (_removed?.Count ?? 0) == 0 ? null : new ElementDelta(_added ?? [], _removed ?? []);
            (_added, _removed) = (null, null);
            return delta;
        }
    }
}
