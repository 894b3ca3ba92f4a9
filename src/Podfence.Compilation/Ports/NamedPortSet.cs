using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>The named ports of one rule.</summary>
internal sealed class NamedPortSet
{
    private readonly HashSet<PortName> _names;
    private readonly string _text;
    private string? _identity;

    public NamedPortSet(IEnumerable<PortName> names)
    {
        _names = [.. names];
        _text = string.Join(' ', _names.Order());
    }

    public static NamedPortSet Empty { get; } = new([]);

    public bool IsEmpty => _names.Count == 0;

    /// <summary>
    /// Text that is different for different names. A rule may have a thousand names beside a thousand peers, so each
    /// peer's identity contains only a hash of the names.
    /// </summary>
    public string Identity => _identity ??= IsEmpty ? string.Empty : $"#{StableName.Hash(_text)}";

    /// <summary>Whether the set has a name with this protocol; never true for a port without a name.</summary>
    public bool Contains(string? name, Protocol protocol) => name is not null && _names.Contains(new(name, protocol));

    /// <inheritdoc/>
    public override string ToString() => _text;
}
