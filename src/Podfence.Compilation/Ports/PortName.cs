using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>A port name that a policy uses, with its protocol. Ordered by name, then by protocol.</summary>
internal readonly record struct PortName(string Name, Protocol Protocol) : IComparable<PortName>
{
    /// <inheritdoc/>
    public int CompareTo(PortName other)
    {
        var order = string.CompareOrdinal(Name, other.Name);
        return order != 0 ? order : Protocol.CompareTo(other.Protocol);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}/{Protocol}";
}

/// <summary>The numbers that one pod gives to a port name; empty if it does not declare the name.</summary>
internal sealed record ResolvedPort(string Name, Protocol Protocol, EquatableArray<int> Numbers);
