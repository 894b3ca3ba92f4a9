using Podfence.Base;

namespace Podfence.Model;

/// <summary>Names an object of any kind, for messages.</summary>
/// <param name="Kind">The kind, such as NetworkPolicy.</param>
/// <param name="Namespace">The namespace, or null for objects of the cluster.</param>
/// <param name="Name">The name; empty if the object has none.</param>
public readonly record struct ObjectReference(string Kind, string? Namespace, string Name)
{
    /// <summary>Kind namespace/name, or Kind name.</summary>
    public override string ToString() =>
        GoText.EscapeControl(Namespace is null ? $"{Kind} {Name}".TrimEnd() : $"{Kind} {Namespace}/{Name}");
}
