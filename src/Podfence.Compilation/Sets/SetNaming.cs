using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// The name of a set, the same in both families except for the prefix. The hash is computed once, when it is first
/// needed.
/// </summary>
/// <param name="prefix">What kind of set it is, for readers.</param>
/// <param name="kind">The kind.</param>
/// <param name="identity">Text that is different for different content.</param>
/// <param name="description">What the set contains, for readers; it depends on the identity alone.</param>
internal sealed class SetNaming(string prefix, SetKind kind, string identity, string description)
{
    private const int MaxDescription = 200;
    private readonly string _description =
        description.Length <= MaxDescription ? description : $"{description[..MaxDescription]}..";
    private string? _hash;

    /// <summary>The set of a family.</summary>
    public SetId In(IpFamily family)
    {
        // Short, because the kernel compares the names of all sets for each one that it looks up; the description is
        // stored with the set.
        _hash ??= StableName.Hash(identity);
        var name = $"{prefix}{(family == IpFamily.IPv4 ? "-v4/" : "-v6/")}{_hash}";
        return new SetId(name, kind, family) { Description = _description };
    }
}
