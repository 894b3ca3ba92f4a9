using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>What is ours in the kernel, as read back.</summary>
/// <param name="Tables">The filter tables.</param>
/// <param name="Sets">Our sets, by name.</param>
public sealed record IptSnapshot(IReadOnlyDictionary<IpFamily, TableSnapshot> Tables, IReadOnlyDictionary<string, SetSnapshot> Sets)
{
    /// <summary>Nothing of ours.</summary>
    public static IptSnapshot Empty { get; } = new(
        IpFamilies.All.ToDictionary(static family => family, static _ => new TableSnapshot(new Dictionary<string, IReadOnlyList<string>>(), [])), new Dictionary<string, SetSnapshot>());
}

/// <summary>What is ours in one filter table.</summary>
/// <param name="Chains">Our chains with their rules, by name.</param>
/// <param name="Jumps">Rules of other chains that lead to ours.</param>
public sealed record TableSnapshot(IReadOnlyDictionary<string, IReadOnlyList<string>> Chains, IReadOnlyList<FoundJump> Jumps);

/// <summary>A rule of a chain that is not ours, and leads to one that is.</summary>
/// <param name="Hook">The chain.</param>
/// <param name="Position">From 1.</param>
/// <param name="Line">The rule.</param>
public readonly record struct FoundJump(string Hook, int Position, string Line);

/// <summary>A set of ours.</summary>
/// <param name="Header">Type, family and flags.</param>
/// <param name="Elements">By key.</param>
public sealed record SetSnapshot(string Header, IReadOnlyDictionary<string, IptElement> Elements);
