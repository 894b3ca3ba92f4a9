using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>What a set is named by, in all families alike: hashed once, when the first of them is named.</summary>
/// <param name="prefix">What kind of set it is, for people.</param>
/// <param name="kind">The kind.</param>
/// <param name="identity">Text that differs wherever the content may.</param>
/// <param name="description">What the set stands for, for people; it follows from the identity.</param>
internal sealed class SetNaming(string prefix, SetKind kind, string identity, string description)
{
    private const int MostDescribed = 200;
    private readonly string _description = description.Length <= MostDescribed ? description : $"{description[..MostDescribed]}..";
    private string? _hash;

    /// <summary>The set of a family.</summary>
    public SetId In(IpFamily family)
    {
        // Short, because the kernel reads through the names of all sets for each one that it looks for; the description goes with the set.
        _hash ??= StableName.Hash(identity);
        return new SetId($"{prefix}{(family == IpFamily.IPv4 ? "-v4/" : "-v6/")}{_hash}", kind, family) { Description = _description };
    }
}
