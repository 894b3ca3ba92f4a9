using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// The fences in use by local addresses, reference-counted, and rebuilt when one of their policies changes.
/// </summary>
internal sealed class FenceCatalog(CompilerOptions options, SetCatalog sets, ClusterState state)
{
    private readonly Dictionary<FenceKey, Entry> _entries = [];
    private readonly Dictionary<PolicyKey, HashSet<Entry>> _users = [];
    private readonly Dictionary<PolicyKey, CompiledPolicy> _compiled = [];
    private readonly HashSet<Entry> _touched = [];
    private readonly Dictionary<string, FenceBuildFailure> _failures = [];

    /// <summary>Fences that could not be built and deny everything instead.</summary>
    public IReadOnlyCollection<FenceBuildFailure> BuildFailures => _failures.Values;

    /// <summary>All fences by name.</summary>
    public IReadOnlyDictionary<string, Fence> Contents =>
        _entries.Values.ToDictionary(static entry => entry.Name, static entry => entry.Fence!);

    /// <summary>One more address is covered by these fences.</summary>
    public void Acquire(AddressFences? fences)
    {
        foreach (var key in fences?.Keys ?? [])
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries[key] = entry = new Entry(key);
                foreach (var policy in key.Policies)
                {
                    if (!_users.TryGetValue(policy, out var users))
                    {
                        _users[policy] = users = [];
                    }

                    users.Add(entry);
                }
            }

            entry.References++;
            _touched.Add(entry);
        }
    }

    /// <summary>One address less is covered by these fences.</summary>
    public void Release(AddressFences? fences)
    {
        foreach (var key in fences?.Keys ?? [])
        {
            var entry = _entries[key];
            entry.References--;
            _touched.Add(entry);
        }
    }

    /// <summary>Marks the fences of a policy as stale.</summary>
    public void PolicyChanged(PolicyKey policy)
    {
        _compiled.Remove(policy);
        foreach (var entry in _users.GetValueOrDefault(policy) ?? [])
        {
            entry.Stale = true;
            _touched.Add(entry);
        }
    }

    /// <summary>
    /// The changes since the last call. Sets are acquired before others are released, so a set that stays in use is
    /// never removed.
    /// </summary>
    public List<Change<Fence>> Flush()
    {
        var changes = new List<Change<Fence>>();
        var released = new List<SetId>();
        foreach (var entry in _touched)
        {
            var before = entry.Fence;
            if (entry.References == 0)
            {
                Forget(entry);
                released.AddRange(entry.Sets);
                if (before is not null)
                {
                    changes.Add(new Change<Fence>(before, null));
                }
            }
            else if (entry.Stale)
            {
                released.AddRange(entry.Sets);
                Build(entry);
                if (entry.Fence != before)
                {
                    changes.Add(new Change<Fence>(before, entry.Fence));
                }
            }
        }

        released.ForEach(sets.Release);
        _touched.Clear();
        return changes;
    }

    private void Build(Entry entry)
    {
        var (fence, definitions) = BuildOrFailClosed(entry);
        foreach (var definition in definitions.Values)
        {
            sets.Acquire(definition);
        }

        entry.Fence = fence;
        entry.Sets = [.. definitions.Keys];
        entry.Stale = false;
    }

    /// <summary>
    /// A fence that cannot be built fails closed: the pods of its policies stay isolated in its direction, and
    /// everything else is compiled. No policy is known that fails; this is for one that was not foreseen.
    /// </summary>
    private FenceDefinition BuildOrFailClosed(Entry entry)
    {
        var key = entry.Key;
        try
        {
            var built = FenceBuilder.Build(key, [.. key.Policies.Select(Compiled)], options);
            _failures.Remove(entry.Name);
            return built;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _failures[entry.Name] = new FenceBuildFailure(key.Policies, key.Direction, error);
            return new(Empty(key), new Dictionary<SetId, SetDefinition>());
        }
    }

    private static Fence Empty(FenceKey key) =>
        new()
        {
            Name = key.Name,
            Direction = key.Direction,
            Family = key.Family,
            Policies = key.Policies,
        };

    private CompiledPolicy Compiled(PolicyKey key)
    {
        if (!_compiled.TryGetValue(key, out var compiled))
        {
            _compiled[key] = compiled = new CompiledPolicy(state.FindPolicy(key)!, options.MaxSetsPerLookup);
        }

        return compiled;
    }

    private void Forget(Entry entry)
    {
        _entries.Remove(entry.Key);
        _failures.Remove(entry.Name);
        foreach (var policy in entry.Key.Policies)
        {
            var users = _users[policy];
            users.Remove(entry);
            if (users.Count == 0)
            {
                _users.Remove(policy);
                _compiled.Remove(policy);
            }
        }
    }

    private sealed class Entry(FenceKey key)
    {
        public FenceKey Key { get; } = key;

        public string Name => Key.Name;

        public int References { get; set; }

        public bool Stale { get; set; } = true;

        public Fence? Fence { get; set; }

        public IReadOnlyList<SetId> Sets { get; set; } = [];
    }
}
