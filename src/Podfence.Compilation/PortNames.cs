using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>The named ports of one rule.</summary>
internal sealed class PortNames
{
    private readonly HashSet<(string Name, Protocol Protocol)> _names;
    private string? _identity;

    /// <summary>Takes the names; repetitions do not count.</summary>
    public PortNames(IEnumerable<(string Name, Protocol Protocol)> names)
    {
        _names = [.. names];
        var text = string.Join(' ', _names.Order(NamedPortResolver.ByName).Select(static port => $"{port.Name}/{port.Protocol}"));
        Text = text;
    }

    /// <summary>No names.</summary>
    public static PortNames None { get; } = new([]);

    /// <summary>Whether the rule has no named ports.</summary>
    public bool IsEmpty => _names.Count == 0;

    /// <summary>
    /// Differs wherever the names do. A rule may list a thousand names beside a thousand peers: the names stand in each peer's identity by their hash alone.
    /// </summary>
    public string Identity => _identity ??= IsEmpty ? string.Empty : $"#{StableName.Hash(Text)}";

    private string Text { get; }

    /// <summary>Whether a name of a protocol is listed; a port without a name never is.</summary>
    public bool Contains(string? name, Protocol protocol) => name is not null && _names.Contains((name, protocol));

    /// <inheritdoc/>
    public override string ToString() => Text;
}
