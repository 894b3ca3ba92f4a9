using System.Text;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Compilation;

/// <summary>
/// The smallest thing that puts elements into sets: endpoints of a scope, by their address, or by address and the numbers of a named port.
/// Equal by identity, so that what many policies say is kept once.
/// </summary>
internal sealed class ElementSource : IEquatable<ElementSource>
{
    private readonly int _hash;
    private SetNaming? _setIdentity;

    /// <summary>Makes a leaf.</summary>
    /// <param name="scope">Which endpoints.</param>
    /// <param name="ports">For egress to named ports: the names; null otherwise.</param>
    public ElementSource(PeerSelector scope, PortNames? ports = null)
    {
        Scope = scope;
        Ports = ports;
        var text = new StringBuilder();
        scope.AppendIdentity(text);
        Identity = text.Append(ports?.Identity).ToString();
        _hash = string.GetHashCode(Identity, StringComparison.Ordinal);
    }

    /// <summary>Which endpoints.</summary>
    public PeerSelector Scope { get; }

    /// <summary>The names of destination ports, or null where the address alone counts.</summary>
    public PortNames? Ports { get; }

    /// <summary>Differs wherever the meaning may.</summary>
    public string Identity { get; }

    /// <summary>What the sets are named by that the leaf feeds alone.</summary>
    public SetNaming SetNaming => _setIdentity ??= new SetNaming(Ports is null ? "pods" : "ports", Kind, Identity, ToString());

    /// <summary>The kind of sets the leaf feeds.</summary>
    public SetKind Kind => Ports is null ? SetKind.Addresses : SetKind.Endpoints;

    /// <summary>Adds the elements that an address gives to the sets of this leaf, if its owner is meant.</summary>
    public void Collect(Pod owner, IpAddress address, Namespace? @namespace, ISet<SetElement> elements)
    {
        if (!Scope.Matches(owner, address, @namespace))
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
    public bool Equals(ElementSource? other) => other is not null && other._hash == _hash && string.Equals(Identity, other.Identity, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ElementSource);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <inheritdoc/>
    public override string ToString() => Ports is null ? Scope.ToString()! : $"{Scope} port {Ports}";
}
