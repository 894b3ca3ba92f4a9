using System.Runtime.InteropServices;
using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>
/// Knows what reading the kernel back would give, as one number per chain and per set, and compares. A set's number is the sum of its elements', so that a change of one costs one.
/// </summary>
/// <remarks>
/// ipset and iptables-legacy have no generation that tells whether anybody wrote, so a look reads all that is ours; looks come at most once in <see cref="Interval"/>, and between two of them
/// nothing is said to have changed. With iptables-nft the tables are read only if the generation of nf_tables is not the one of the last look.
/// </remarks>
internal sealed class DriftWatch(IIptables xtables, TimeProvider time)
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, ulong> _sets = [];
    private readonly Dictionary<(IpFamily Family, string Chain), ulong> _chains = [];
    private IReadOnlyList<IptJump> _jumps = [];
    private uint? _generation;
    private long? _last;

    /// <summary>What the kernel holds after a replacement.</summary>
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

    /// <summary>What a change does to that.</summary>
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

    /// <summary>Somebody has read everything and found it right.</summary>
    /// <param name="generation">As of before the reading.</param>
    public void Saw(uint? generation)
    {
        _generation = generation;
        _last = time.GetTimestamp();
    }

    /// <summary>Whether something differs.</summary>
    public bool Look()
    {
        var generation = xtables.Generation();
        var tablesAreKnown = generation is not null && generation == _generation;
        if ((tablesAreKnown || generation is null) && _last is { } last && time.GetElapsedTime(last) < Interval)
        {
            return false;
        }

        _last = time.GetTimestamp();
        if (Differs(xtables.Read()))
        {
            return true;
        }

        _generation = generation;
        return false;
    }

    private bool Differs(IptSnapshot actual) =>
        actual.Sets.Count != _sets.Count
        || actual.Sets.Any(set => !_sets.TryGetValue(set.Key, out var expected) || expected != Of(set.Value.Header, set.Value.Elements.Values))
        || actual.Tables.Sum(static table => table.Value.Chains.Count) != _chains.Count
        || actual.Tables.Any(table => !IptDiff.JumpsAreRight(_jumps, table.Value)
            || table.Value.Chains.Any(chain => !_chains.TryGetValue((table.Key, chain.Key), out var expected) || expected != Of(chain.Value)));

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
                _chains.Remove((family, name));
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
            var known = unknown.Known;
            Expect(new IptSetChange(UnknownPodIpLowering.Known(family), UnknownPodIpLowering.Addresses(known.Added, family), UnknownPodIpLowering.Addresses(known.Removed, family)));
            _sets.Remove(UnknownPodIpLowering.Ranges(unknown.Before, family).Set.Name);
            Expect(UnknownPodIpLowering.Ranges(unknown.After, family));
            foreach (var chain in BaseChains.Bases(unknown.Options, unknown.After, family))
            {
                Expect(family, chain);
            }
        }
    }

    private void Expect(IptSetChange set) => _sets[set.Set.Name] =
        set.Removed.Aggregate(set.Added.Aggregate(_sets[set.Set.Name], static (sum, element) => sum + Of(element)), static (sum, element) => sum - Of(element));

    private void Expect(IptSetContent content) => _sets[content.Set.Name] = Of(content.Set.Header, content.Elements);

    private void Expect(IpFamily family, IptChain chain) => _chains[(family, chain.Name)] = Of(chain.Lines(SetView.Plain));

    private static ulong Of(string header, IEnumerable<IptElement> elements) => elements.Aggregate(Of(header), static (sum, element) => sum + Of(element));

    private static ulong Of(IptElement element) => Of(element.Key) ^ (element.Comment is null ? 0 : ulong.RotateLeft(Of(element.Comment), 32));

    private static ulong Of(IReadOnlyList<string> lines) => lines.Aggregate((ulong)lines.Count, static (sum, line) => (sum * 31) + Of(line));

    // FNV-1a, then mixed, so that sums do not cancel out. It finds accidents; nobody gains by hiding from it.
    private static ulong Of(string text)
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
