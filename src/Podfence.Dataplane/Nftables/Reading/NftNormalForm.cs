using Podfence.Base;
using Podfence.Model;

namespace Podfence.Dataplane.Nftables;

/// <summary>
/// Objects in the form in which they are read back from the kernel: comments are cut, and the two ways to match "every
/// port of a protocol" become one. Expected and actual rules are compared in normal form.
/// </summary>
public static class NftNormalForm
{
    /// <summary>The normal form of a chain and its rules.</summary>
    public static NftChain Of(NftChain chain) =>
        chain with
        {
            Comment = NftComment.Cut(chain.Comment),
            Rules = Of(chain.Rules),
        };

    /// <summary>The normal form of rules.</summary>
    public static EquatableArray<NftRule> Of(EquatableArray<NftRule> rules)
    {
        var result = new NftRule[rules.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = new NftRule(
                ((IEnumerable<NftStatement>)rules[i].Statements).Select(Of).ToEquatableArray(),
                NftComment.Cut(rules[i].Comment)
            );
        }

        return EquatableArray.Create<NftRule>(result);
    }

    /// <summary>The normal form of a set.</summary>
    public static NftSet Of(NftSet set) => set with { Comment = NftComment.Cut(set.Comment) };

    /// <summary>The normal form of an element.</summary>
    public static NftElement Of(NftElement element) =>
        element.Comment is null ? element : element with { Comment = NftComment.Cut(element.Comment) };

    /// <summary>A match of the protocol alone is one expression in the kernel, in either form.</summary>
    private static NftStatement Of(NftStatement statement) =>
        statement is PortMatch { Ports: { IsWholeProtocol: true } ports }
            ? new L4ProtocolMatch((byte)ports.Protocol)
            : statement;
}
