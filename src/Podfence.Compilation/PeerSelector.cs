using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>Which endpoints a peer means, in canonical form: two peers that mean the same by their text are the same value and share one set.</summary>
internal abstract record PeerSelector
{
    /// <summary>Whether the owner of an address is meant.</summary>
    /// <param name="pod">The owner.</param>
    /// <param name="address">One of its addresses.</param>
    /// <param name="namespace">The pod's namespace, or null where it is not known: then no namespace selector matches.</param>
    public abstract bool Matches(Pod pod, IpAddress address, Namespace? @namespace);

    /// <summary>
    /// Text that differs wherever the meaning may. Parts are length-prefixed, because the API server tolerates label values on update that hold any character,
    /// and a tenant must not be able to write one selector that reads like another.
    /// </summary>
    public abstract void AppendIdentity(StringBuilder text);

    /// <summary>The scope of a selector peer, or null where it can match nothing.</summary>
    public static PeerSelector? Of(SelectorPeer peer, string policyNamespace)
    {
        if (peer.Pods is { Unreadable: true } || peer.Namespaces is { Unreadable: true })
        {
            return null;
        }

        var pods = Canonical(peer.Pods ?? LabelSelector.Everything);
        return peer.Namespaces is null ? new NamespaceScope(policyNamespace, pods) : new SelectorScope(Canonical(peer.Namespaces), pods);
    }

    /// <summary>One length-prefixed part of an identity.</summary>
    protected static void AppendPart(StringBuilder text, string part) => text.Append(part.Length).Append(':').Append(part);

    /// <summary>All requirements of a selector as parts of an identity.</summary>
    protected static void AppendSelector(StringBuilder text, LabelSelector selector)
    {
        text.Append('{').Append(selector.Requirements.Count);
        foreach (var requirement in selector.Requirements)
        {
            AppendPart(text.Append((char)('a' + (int)requirement.Operator)).Append(requirement.Values.Count), requirement.Key);
            foreach (var value in requirement.Values)
            {
                AppendPart(text, value);
            }
        }

        text.Append('}');
    }

    /// <summary>Requirements and values sorted and without repetition.</summary>
    private static LabelSelector Canonical(LabelSelector selector)
    {
        if (selector.Requirements.Count == 0)
        {
            return LabelSelector.Everything;
        }

        // By far the most: one label with one value.
        if (selector.Requirements.Count == 1 && selector.Requirements[0].Values.Count <= 1)
        {
            return selector;
        }

        var requirements = selector.Requirements
            .Select(static requirement => requirement with { Values = requirement.Values.Distinct().Order(StringComparer.Ordinal).ToEquatableArray() })
            .Distinct()
            .OrderBy(static requirement => requirement.ToString(), StringComparer.Ordinal);
        return new LabelSelector { Requirements = requirements.ToEquatableArray() };
    }
}

/// <summary>Pods of one namespace by their labels.</summary>
internal sealed record NamespaceScope(string Namespace, LabelSelector Pods) : PeerSelector
{
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
internal sealed record SelectorScope(LabelSelector Namespaces, LabelSelector Pods) : PeerSelector
{
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

/// <summary>Every endpoint: what an absent peer list means where only pods can match, as with named ports.</summary>
internal sealed record AnyScope : PeerSelector
{
    /// <inheritdoc/>
    public override bool Matches(Pod pod, IpAddress address, Namespace? @namespace) => true;

    /// <inheritdoc/>
    public override void AppendIdentity(StringBuilder text) => text.Append('*');

    /// <inheritdoc/>
    public override string ToString() => "any pod";
}

/// <summary>Endpoints by address.</summary>
internal sealed record BlockScope(EquatableArray<IpRange> Ranges) : PeerSelector
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
