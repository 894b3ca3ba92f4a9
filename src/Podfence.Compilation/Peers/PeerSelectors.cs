using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>Pods of one namespace by their labels.</summary>
internal sealed record PodsInNamespace(string Namespace, LabelSelector Pods) : PeerSelector
{
    /// <inheritdoc/>
    public override IndexKeys IndexKeys => new(Namespace, null, Pods);

    /// <inheritdoc/>
    public override bool Matches(Pod pod, IpAddress address, Namespace? @namespace) =>
        string.Equals(pod.Key.Namespace, Namespace, StringComparison.Ordinal) && Pods.Matches(pod.Labels);

    /// <inheritdoc/>
    public override void AppendIdentity(StringBuilder text)
    {
        AppendPart(text.Append('n'), Namespace);
        AppendSelector(text, Pods);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}: {Pods}";
}

/// <summary>Pods by the labels of their namespace and their own.</summary>
internal sealed record PodsInSelectedNamespaces(LabelSelector Namespaces, LabelSelector Pods) : PeerSelector
{
    /// <inheritdoc/>
    public override IndexKeys IndexKeys => new(null, Namespaces, Pods);

    /// <inheritdoc/>
    public override bool Matches(Pod pod, IpAddress address, Namespace? @namespace) =>
        @namespace is not null && Namespaces.Matches(@namespace.Labels) && Pods.Matches(pod.Labels);

    /// <inheritdoc/>
    public override void AppendIdentity(StringBuilder text)
    {
        AppendSelector(text.Append('s'), Namespaces);
        AppendSelector(text, Pods);
    }

    /// <inheritdoc/>
    public override string ToString() => $"namespaces {Namespaces}: {Pods}";
}

/// <summary>Every endpoint: an absent peer list, where only pods can match, as with named ports.</summary>
internal sealed record AnyPod : PeerSelector
{
    /// <inheritdoc/>
    public override bool Matches(Pod pod, IpAddress address, Namespace? @namespace) => true;

    /// <inheritdoc/>
    public override void AppendIdentity(StringBuilder text) => text.Append('*');

    /// <inheritdoc/>
    public override string ToString() => "any pod";
}

/// <summary>Endpoints by address.</summary>
internal sealed record PodsInRanges(EquatableArray<IpRange> Ranges) : PeerSelector
{
    /// <inheritdoc/>
    public override bool Matches(Pod pod, IpAddress address, Namespace? @namespace)
    {
        foreach (var range in Ranges)
        {
            if (range.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override void AppendIdentity(StringBuilder text) => text.Append('r').AppendJoin(' ', Ranges);

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Ranges);
}
