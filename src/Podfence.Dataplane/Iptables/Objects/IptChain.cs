using Podfence.Model;

namespace Podfence.Dataplane.Iptables;

/// <summary>One of Podfence's chains.</summary>
/// <param name="Name">At most 28 letters.</param>
/// <param name="Rules">In order.</param>
public sealed record IptChain(string Name, IReadOnlyList<IptRule> Rules)
{
    /// <summary>The rules as lines.</summary>
    public IReadOnlyList<string> Lines(SetView view) => [.. Rules.SelectMany(rule => rule.Lines(view))];

    /// <summary>Whether some rule matches a set that is about to change.</summary>
    public bool Sees(SetView view) => Rules.Any(rule => rule.Match is { } match && view.Find(match.Set) is not null);
}

/// <summary>A chain's name, unique in its family.</summary>
internal readonly record struct ChainName(IpFamily Family, string Name);

/// <summary>A chain with the family of its table.</summary>
internal readonly record struct FamilyChain(IpFamily Family, IptChain Chain)
{
    public ChainName Name => new(Family, Chain.Name);
}
