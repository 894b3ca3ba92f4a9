using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>Podfence's rules in the kernel, as read back.</summary>
/// <param name="Tables">The filter tables.</param>
/// <param name="Sets">Podfence's sets, by name.</param>
public sealed record IptSnapshot(
    IReadOnlyDictionary<IpFamily, TableSnapshot> Tables,
    IReadOnlyDictionary<string, SetSnapshot> Sets
)
{
    /// <summary>No rules of Podfence's.</summary>
    public static IptSnapshot Empty { get; } =
        new(
            IpFamilies.All.ToDictionary(
                static family => family,
                static _ => new TableSnapshot(new Dictionary<string, IReadOnlyList<string>>(), [])
            ),
            new Dictionary<string, SetSnapshot>()
        );
}

/// <summary>Podfence's rules in one filter table.</summary>
/// <param name="Chains">Podfence's chains with their rules, by name.</param>
/// <param name="Jumps">Rules of other chains that jump to Podfence's.</param>
public sealed record TableSnapshot(
    IReadOnlyDictionary<string, IReadOnlyList<string>> Chains,
    IReadOnlyList<FoundJump> Jumps
);

/// <summary>A rule of a foreign chain that jumps to one of Podfence's.</summary>
/// <param name="Hook">The chain.</param>
/// <param name="Position">From 1.</param>
/// <param name="Line">The rule.</param>
public readonly record struct FoundJump(string Hook, int Position, string Line);

/// <summary>One of Podfence's sets.</summary>
/// <param name="Header">Type, family and flags.</param>
/// <param name="Elements">By key.</param>
public sealed record SetSnapshot(string Header, IReadOnlyDictionary<string, IptElement> Elements);
