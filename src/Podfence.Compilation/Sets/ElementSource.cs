using System.Text;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// The smallest unit that provides elements of sets: the endpoints that a selector matches, by their address, or by
/// address and the numbers of named ports. Equal by identity, so a selector that many policies use is kept once.
/// </summary>
internal sealed class ElementSource : IEquatable<ElementSource>
{
    private readonly int _hash;
    private SetNaming? _naming;

    /// <param name="selector">Which endpoints.</param>
    /// <param name="ports">For egress to named ports: the names; otherwise null.</param>
    public ElementSource(PeerSelector selector, NamedPortSet? ports = null)
    {
        Selector = selector;
        Ports = ports;
        var text = new StringBuilder();
        selector.AppendIdentity(text);
        Identity = text.Append(ports?.Identity).ToString();
        _hash = string.GetHashCode(Identity, StringComparison.Ordinal);
    }

    public PeerSelector Selector { get; }

    /// <summary>The names of destination ports; null if the address alone counts.</summary>
    public NamedPortSet? Ports { get; }

    /// <summary>Text that is different for sources that may provide different elements.</summary>
    public string Identity { get; }

    /// <summary>The name of a set that has this source alone.</summary>
    public SetNaming Naming => _naming ??= new SetNaming(Ports is null ? "pods" : "ports", Kind, Identity, ToString());

    /// <summary>The kind of the sets.</summary>
    public SetKind Kind => Ports is null ? SetKind.Addresses : SetKind.Endpoints;

    /// <summary>Adds the elements that an address contributes, if its owner matches.</summary>
    public void Collect(Pod owner, IpAddress address, Namespace? @namespace, ISet<SetElement> elements)
    {
        if (!Selector.Matches(owner, address, @namespace))
        {
            return;
        }

        if (Ports is null)
        {
            elements.Add(SetElement.Of(address));
            return;
        }

        foreach (var port in owner.Ports)
        {
            if (Ports.Contains(port.Name, port.Protocol))
            {
                elements.Add(SetElement.Of(address, port.Protocol, port.Number));
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(ElementSource? other) =>
        other is not null && other._hash == _hash && string.Equals(Identity, other.Identity, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ElementSource);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <inheritdoc/>
    public override string ToString() => Ports is null ? Selector.ToString()! : $"{Selector} port {Ports}";
}
