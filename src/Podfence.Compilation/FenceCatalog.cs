using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>The fences that local addresses are behind, counted, and rebuilt when one of their policies changes.</summary>
internal sealed class FenceCatalog(CompilerOptions options, SetCatalog sets, ClusterState state)
{
    private readonly Dictionary<FenceKey, Entry> _entries = [];
    private readonly Dictionary<PolicyKey, HashSet<Entry>> _users = [];
    private readonly Dictionary<PolicyKey, CompiledPolicy> _compiled = [];
    private readonly HashSet<Entry> _touched = [];
    private readonly Dictionary<string, FenceBuildFailure> _faults = [];

    /// <summary>Fences that could not be built and are closed instead.</summary>
    public IReadOnlyCollection<FenceBuildFailure> Faults => _faults.Values;

    /// <summary>All fences by name.</summary>
    public IReadOnlyDictionary<string, Fence> Contents => _entries.Values.ToDictionary(static entry => entry.Name, static entry => entry.Fence!);

    /// <summary>One more address is behind the fences of a guard.</summary>
    public void Acquire(AddressFences? guard)
    {
        foreach (var key in guard?.Keys ?? [])
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

    /// <summary>One address less is behind the fences of a guard.</summary>
    public void Release(AddressFences? guard)
    {
        foreach (var key in guard?.Keys ?? [])
        {
            var entry = _entries[key];
            entry.References--;
            _touched.Add(entry);
        }
    }

    /// <summary>A policy is not what it was: its fences have to be built again.</summary>
    public void PolicyChanged(PolicyKey policy)
    {
        _compiled.Remove(policy);
        foreach (var entry in _users.GetValueOrDefault(policy) ?? [])
        {
            entry.Stale = true;
            _touched.Add(entry);
        }
    }

    /// <summary>What has changed since the last call. Sets are acquired before others are released, so that what stays in use is never taken away.</summary>
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
        var (fence, specs) = BuildOrClose(entry);
        foreach (var spec in specs.Values)
        {
            sets.Acquire(spec);
        }

        entry.Fence = fence;
        entry.Sets = [.. specs.Keys];
        entry.Stale = false;
    }

    /// <summary>
    /// What cannot be built is closed: the pods of these policies stay isolated in this direction, everything else goes on.
    /// No known policy fails; this is for those that nobody has thought of.
    /// </summary>
    private (Fence Fence, IReadOnlyDictionary<SetId, SetDefinition> Sets) BuildOrClose(Entry entry)
    {
        try
        {
            var built = FenceBuilder.Build(entry.Key, [.. entry.Key.Policies.Select(Compiled)], options);
            _faults.Remove(entry.Name);
            return built;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _faults[entry.Name] = new FenceBuildFailure(entry.Key.Policies, entry.Key.Direction, fault);
            return (new Fence { Name = entry.Name, Direction = entry.Key.Direction, Family = entry.Key.Family, Policies = entry.Key.Policies }, new Dictionary<SetId, SetDefinition>());
        }
    }

    private CompiledPolicy Compiled(PolicyKey key)
    {
        if (!_compiled.TryGetValue(key, out var compiled))
        {
            _compiled[key] = compiled = new CompiledPolicy(state.FindPolicy(key)!, options.MostSets);
        }

        return compiled;
    }

    private void Forget(Entry entry)
    {
        _entries.Remove(entry.Key);
        _faults.Remove(entry.Name);
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

    /// <summary>A fence in use.</summary>
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
