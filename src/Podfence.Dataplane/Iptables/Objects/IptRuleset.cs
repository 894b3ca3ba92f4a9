using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>One of Podfence's jumps, the first rule of a built-in chain of the filter table.</summary>
/// <param name="Hook">FORWARD, INPUT or OUTPUT.</param>
/// <param name="Chain">One of Podfence's chains.</param>
/// <param name="Comment">For people.</param>
public sealed record IptJump(string Hook, string Chain, string Comment)
{
    /// <summary>The rule as iptables-save prints it.</summary>
    public string Line { get; } = IptRule.Of("", Comment, $"-j {Chain}").Lines(SetView.Plain).Single();
}

/// <summary>All that the kernel has to hold.</summary>
/// <param name="Jumps">The same for both families.</param>
/// <param name="Chains">By family and name.</param>
/// <param name="Sets">By name.</param>
public sealed record IptRuleset(
    IReadOnlyList<IptJump> Jumps,
    IReadOnlyDictionary<IpFamily, IReadOnlyDictionary<string, IptChain>> Chains,
    IReadOnlyDictionary<string, IptSetContent> Sets
);
