using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>
/// Which endpoints a peer matches, in canonical form: two peers that differ only in how they are written are the same
/// value and share one set. The kinds are in PeerSelectors.cs.
/// </summary>
internal abstract record PeerSelector
{
    /// <summary>What the selector is indexed by.</summary>
    public virtual IndexKeys IndexKeys => new(null, null, LabelSelector.Everything);

    /// <summary>Whether the owner of an address matches.</summary>
    /// <param name="pod">The owner.</param>
    /// <param name="address">One of its addresses.</param>
    /// <param name="namespace">
    /// The pod's namespace; null if it is not known, and then no namespace selector matches.
    /// </param>
    public abstract bool Matches(Pod pod, IpAddress address, Namespace? @namespace);

    /// <summary>
    /// Text that is different for selectors that may match different endpoints. Parts are length-prefixed: the API
    /// server tolerates label values with any character on update, and a tenant must not be able to write one selector
    /// that has the text of another.
    /// </summary>
    public abstract void AppendIdentity(StringBuilder text);

    /// <summary>The canonical form of a selector peer; null if it can match nothing.</summary>
    public static PeerSelector? FromPeer(SelectorPeer peer, string policyNamespace)
    {
        if (peer.Pods is { Unreadable: true } || peer.Namespaces is { Unreadable: true })
        {
            return null;
        }

        var pods = Canonical(peer.Pods ?? LabelSelector.Everything);
        return peer.Namespaces is null
            ? new PodsInNamespace(policyNamespace, pods)
            : new PodsInSelectedNamespaces(Canonical(peer.Namespaces), pods);
    }

    /// <summary>Appends one length-prefixed part of an identity.</summary>
    protected static void AppendPart(StringBuilder text, string part) =>
        text.Append(part.Length).Append(':').Append(part);

    /// <summary>Appends all requirements of a selector as parts of an identity.</summary>
    protected static void AppendSelector(StringBuilder text, LabelSelector selector)
    {
        text.Append('{').Append(selector.Requirements.Count);
        foreach (var requirement in selector.Requirements)
        {
            AppendPart(
                text.Append((char)('a' + (int)requirement.Operator)).Append(requirement.Values.Count),
                requirement.Key
            );
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

        // By far the most common: one label with one value.
        if (selector.Requirements.Count == 1 && selector.Requirements[0].Values.Count <= 1)
        {
            return selector;
        }

        var requirements = selector
            .Requirements.Select(static requirement =>
                requirement with
                {
                    Values = requirement.Values.Distinct().Order(StringComparer.Ordinal).ToEquatableArray(),
                }
            )
            .Distinct()
            .OrderBy(static requirement => requirement.ToString(), StringComparer.Ordinal);
        return new LabelSelector { Requirements = requirements.ToEquatableArray() };
    }
}
