using System.Security.Cryptography;
using System.Text;
using Podfence.Base;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Dataplane.Nftables;

/// <summary>One fence as chains.</summary>
/// <param name="Chains">The fence's own chain, then its branches.</param>
/// <param name="Ports">The map that leads to the branches, or null.</param>
internal sealed record LoweredFence(IReadOnlyList<NftChain> Chains, NftSetContent? Ports)
{
    /// <summary>What a fence is before it is added and after it is removed.</summary>
    public static LoweredFence None { get; } = new([], null);
}

/// <summary>
/// Turns a fence into a chain that returns what is allowed (the base chain then continues with the other direction, or
/// ends in accept) and denies the rest. Branches are entered by goto, so that their return leads to the base chain too.
/// </summary>
internal static class FenceLowering
{
    /// <summary>The chains and the port map of a fence; a function of the fence alone.</summary>
    public static LoweredFence Lower(Fence fence)
    {
        var end = fence.Direction == Direction.Egress ? PacketEnd.Destination : PacketEnd.Source;
        var isolatedBy = PolicyComment.Of(NftComment.MaxBytes, fence.Policies, "isolated by ");
        var source = new RuleSource(fence, null, null);
        var deny = TableLayout.Rule(isolatedBy, NftVerdict.Goto(TableLayout.Deny)) with { Source = source };
        var comment = PolicyComment.Of(NftComment.MaxBytes, fence.Policies);
        var rules = new List<NftRule>();
        foreach (var rule in fence.Rules)
        {
            rules.Add(Allow(rule, end, new RuleSource(fence, rule, null)));
        }

        var chains = new List<NftChain>();
        var ports = fence.Branches.IsEmpty ? null : LowerBranches(fence, end, deny, comment, chains);
        if (ports is not null)
        {
            rules.Add(new NftRule([new PortVerdictMap(ports.Set.Name)], "by port"));
        }

        rules.Add(deny);
        chains.Insert(0, new NftChain(fence.Name, null, rules.ToEquatableArray(), comment));
        return new LoweredFence(chains, ports);
    }

    private static NftSetContent LowerBranches(
        Fence fence,
        PacketEnd end,
        NftRule deny,
        string comment,
        List<NftChain> chains
    )
    {
        var elements = new List<NftElement>(fence.Branches.Count);
        var ranged = false;
        foreach (var branch in fence.Branches)
        {
            ranged |= branch.Ports.First != branch.Ports.Last;
            if (AllowAll(branch) is { } all)
            {
                var policies = PolicyComment.Of(NftComment.MaxBytes, all.Policies);
                var source = new RuleSource(fence, all, branch.Ports);
                elements.Add(new NftElement(default, branch.Ports, NftVerdict.Return, policies) { Source = source });
                continue;
            }

            var name = $"{fence.Name}/{branch.Ports}";
            var rules = new List<NftRule>(branch.Rules.Count + 1);
            foreach (var rule in branch.Rules)
            {
                rules.Add(Allow(rule, end, new RuleSource(fence, rule, branch.Ports)));
            }

            rules.Add(deny);
            chains.Add(new NftChain(name, null, rules.ToEquatableArray(), comment));
            elements.Add(new NftElement(default, branch.Ports, NftVerdict.Goto(name)));
        }

        // The kernel changes an interval set by swapping copies at another moment than the rules, so such a map is
        // never changed: another content is another map.
        var map = ranged
            ? new NftSet($"{fence.Name}/port-ranges-{Fingerprint(elements)}", NftKey.PortRange, null, HasVerdicts: true)
            : new NftSet($"{fence.Name}/ports", NftKey.Port, null, HasVerdicts: true);
        return new NftSetContent(map, elements);
    }

    private static NftRule Allow(AllowRule rule, PacketEnd end, RuleSource source)
    {
        var matches = new List<NftStatement>(3);
        if (rule.Ports is { } ports)
        {
            matches.Add(ports.IsWholeProtocol ? new L4ProtocolMatch((byte)ports.Protocol) : new PortMatch(ports));
        }

        if (rule.Peer is { } peer)
        {
            matches.Add(
                peer.Kind == SetKind.Endpoints
                    ? new EndpointMatch(peer.Family, peer.Name)
                    : new AddressMatch(end, peer.Family, peer.Name)
            );
        }

        matches.Add(new VerdictStatement(NftVerdict.Return));
        var comment = PolicyComment.Of(NftComment.MaxBytes, rule.Policies);
        return new NftRule(matches.ToEquatableArray(), comment) { Source = source };
    }

    private static AllowRule? AllowAll(PortBranch branch)
    {
        foreach (var rule in branch.Rules)
        {
            if (rule.Peer is null && rule.Ports is null)
            {
                return rule;
            }
        }

        return null;
    }

    private static string Fingerprint(List<NftElement> elements)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var element in elements)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{element.Ports} {element.Verdict} {element.Comment}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 6));
    }
}
