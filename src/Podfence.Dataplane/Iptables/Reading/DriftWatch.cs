using System.Runtime.InteropServices;
using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Detects drift: keeps one hash per chain and per set of what reading the kernel back should give, and compares. A
/// set's hash is the sum of its elements' hashes, so that a change of one element costs one.
/// </summary>
/// <remarks>
/// ipset and iptables-legacy have no generation number that changes with every write, so a check reads all of
/// Podfence's rules; checks are at least <see cref="Interval"/> apart, and between two of them no change is reported.
/// With iptables-nft the tables are read only if the generation of nf_tables is not that of the last check.
/// </remarks>
internal sealed class DriftWatch(IIptables iptables, TimeProvider time)
{
    /// <summary>Minimum time between two checks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, ulong> _sets = [];
    private readonly Dictionary<ChainName, ulong> _chains = [];
    private IReadOnlyList<IptJump> _jumps = [];
    private uint? _generation;
    private long? _last;

    /// <summary>Expects what the kernel holds after a replacement.</summary>
    public void Expect(IptRuleset ruleset)
    {
        _sets.Clear();
        _chains.Clear();
        _generation = null;
        _last = null;
        _jumps = ruleset.Jumps;
        foreach (var content in ruleset.Sets.Values)
        {
            Expect(content);
        }

        foreach (var (family, chains) in ruleset.Chains)
        {
            foreach (var chain in chains.Values)
            {
                Expect(family, chain);
            }
        }
    }

    /// <summary>Expects what the kernel holds after a change.</summary>
    public void Expect(IptChange change)
    {
        _generation = null;
        foreach (var set in change.AddedSets)
        {
            Expect(set);
        }

        foreach (var set in change.ChangedSets)
        {
            Expect(set);
        }

        foreach (var set in change.RemovedSets)
        {
            _sets.Remove(set.Name);
        }

        foreach (var (family, chain) in change.AddedChains)
        {
            Expect(family, chain);
        }

        foreach (var chain in change.RemovedChains)
        {
            _chains.Remove(chain);
        }

        if (change.Unknown is { } unknown)
        {
            Expect(unknown);
        }

        if (!ReferenceEquals(change.Before, change.After))
        {
            Expect(change.Before, change.After);
        }
    }

    /// <summary>Records that everything was read and found correct.</summary>
    /// <param name="generation">The generation before reading.</param>
    public void Verified(uint? generation)
    {
        _generation = generation;
        _last = time.GetTimestamp();
    }

    /// <summary>Whether something differs.</summary>
    public bool Check()
    {
        var generation = iptables.Generation();
        var tablesAreKnown = generation is not null && generation == _generation;
        if ((tablesAreKnown || generation is null) && _last is { } last && time.GetElapsedTime(last) < Interval)
        {
            return false;
        }

        _last = time.GetTimestamp();
        if (Differs(iptables.Read()))
        {
            return true;
        }

        _generation = generation;
        return false;
    }

    private bool Differs(IptSnapshot actual) =>
        actual.Sets.Count != _sets.Count
        || actual.Sets.Any(set => Differs(set.Key, set.Value))
        || actual.Tables.Sum(static table => table.Value.Chains.Count) != _chains.Count
        || actual.Tables.Any(table => Differs(table.Key, table.Value));

    private bool Differs(string name, SetSnapshot set) =>
        !_sets.TryGetValue(name, out var expected) || expected != HashOf(set.Header, set.Elements.Values);

    private bool Differs(IpFamily family, TableSnapshot table) =>
        !IptDiff.HasExpectedJumps(_jumps, table)
        || table.Chains.Any(chain =>
            !_chains.TryGetValue(new ChainName(family, chain.Key), out var expected) || expected != HashOf(chain.Value)
        );

    private void Expect(DispatchTables before, DispatchTables after)
    {
        foreach (var name in before.Sets.Keys)
        {
            _sets.Remove(name);
        }

        foreach (var set in after.Sets.Values)
        {
            Expect(set);
        }

        foreach (var (family, chains) in before.Chains)
        {
            foreach (var name in chains.Keys)
            {
                _chains.Remove(new ChainName(family, name));
            }

            foreach (var chain in after.Chains[family].Values)
            {
                Expect(family, chain);
            }
        }
    }

    private void Expect(UnknownPodIpChange unknown)
    {
        foreach (var family in IpFamilies.All)
        {
            var added = UnknownPodIpLowering.Addresses(unknown.Known.Added, family);
            var removed = UnknownPodIpLowering.Addresses(unknown.Known.Removed, family);
            Expect(new IptSetChange(UnknownPodIpLowering.Known(family), added, removed));
            _sets.Remove(UnknownPodIpLowering.Ranges(unknown.Before, family).Set.Name);
            Expect(UnknownPodIpLowering.Ranges(unknown.After, family));
            foreach (var chain in BaseChains.Bases(unknown.Options, unknown.After, family))
            {
                Expect(family, chain);
            }
        }
    }

    private void Expect(IptSetChange change)
    {
        var grown = change.Added.Aggregate(_sets[change.Set.Name], static (sum, element) => sum + HashOf(element));
        _sets[change.Set.Name] = change.Removed.Aggregate(grown, static (sum, element) => sum - HashOf(element));
    }

    private void Expect(IptSetContent content) =>
        _sets[content.Set.Name] = HashOf(content.Set.Header, content.Elements);

    private void Expect(IpFamily family, IptChain chain) =>
        _chains[new ChainName(family, chain.Name)] = HashOf(chain.Lines(SetView.Plain));

    private static ulong HashOf(string header, IEnumerable<IptElement> elements) =>
        elements.Aggregate(HashOf(header), static (sum, element) => sum + HashOf(element));

    private static ulong HashOf(IptElement element) =>
        HashOf(element.Key) ^ (element.Comment is null ? 0 : ulong.RotateLeft(HashOf(element.Comment), 32));

    private static ulong HashOf(IReadOnlyList<string> lines) =>
        lines.Aggregate((ulong)lines.Count, static (sum, line) => (sum * 31) + HashOf(line));

    // FNV-1a, then mixed, so that sums do not cancel out. It finds accidents; it need not withstand an attacker, who
    // could change the rules only as root.
    private static ulong HashOf(string text)
    {
        var hash = 14695981039346656037ul;
        foreach (var unit in MemoryMarshal.Cast<char, ushort>(text.AsSpan()))
        {
            hash = (hash ^ unit) * 1099511628211ul;
        }

        hash ^= hash >> 32;
        hash *= 0x9e3779b97f4a7c15ul;
        return hash ^ (hash >> 29);
    }
}
