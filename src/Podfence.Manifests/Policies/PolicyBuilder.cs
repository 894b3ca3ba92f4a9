using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Builds the model's policy from a defaulted draft. After strict validation everything can be built. Stored objects
/// may have parts that cannot be parsed; these fail closed: they allow nothing, and what they would have isolated stays
/// isolated.
/// </summary>
internal static class PolicyBuilder
{
    private static readonly LabelSelector s_unreadable = new() { Unreadable = true };

    public static NetworkPolicy Build(PolicyDraft draft)
    {
        var isIngress = draft.PolicyTypes.Exists(static type => type.Name == PolicyDefaults.Ingress);
        var isEgress = draft.PolicyTypes.Exists(static type => type.Name == PolicyDefaults.Egress);
        var isUnreadable = draft.IsBroken || (!isIngress && !isEgress);
        return new NetworkPolicy
        {
            Key = draft.Key,
            Location = draft.Location,
            PodSelector = draft.PodSelector is null ? LabelSelector.Everything : BuildSelector(draft.PodSelector),
            IsolatesIngress = isIngress || isUnreadable,
            IsolatesEgress = isEgress || isUnreadable,
            Ingress = BuildRules(draft.Ingress),
            Egress = BuildRules(draft.Egress),
        };
    }

    private static EquatableArray<PolicyRule> BuildRules(List<RuleDraft> drafts)
    {
        var rules = new List<PolicyRule>(drafts.Count);
        foreach (var draft in drafts)
        {
            var peers = new List<PolicyPeer>(draft.Peers.Count);
            draft.Peers.ForEach(peer => AddPeer(peers, peer));
            var ports = new List<PolicyPort>(draft.Ports.Count);
            draft.Ports.ForEach(port => AddPort(ports, port));

            // An empty list matches any peer or port, so if nothing of a list could be parsed, its rule is dropped.
            var isUnreadable =
                draft.IsBroken
                || (peers.Count == 0 && draft.Peers.Count > 0)
                || (ports.Count == 0 && draft.Ports.Count > 0);
            if (!isUnreadable)
            {
                rules.Add(new(peers.ToEquatableArray(), ports.ToEquatableArray(), draft.At.Line));
            }
        }

        return rules.ToEquatableArray();
    }

    private static void AddPeer(List<PolicyPeer> peers, PeerDraft draft)
    {
        if (draft.IsBroken || (draft.Block is null && draft.Pods is null && draft.Namespaces is null))
        {
            draft.At.Unreadable("the peer matches nothing");
            return;
        }

        if (draft.Block is null)
        {
            peers.Add(
                new SelectorPeer(BuildSelectorOrNull(draft.Namespaces), BuildSelectorOrNull(draft.Pods), draft.At.Line)
            );
            return;
        }

        var except = new List<Cidr>(draft.Block.Except.Count);
        var isReadable = IpText.TryParseLegacy(draft.Block.Cidr, out Cidr cidr);
        foreach (var (text, _) in draft.Block.Except)
        {
            isReadable &= IpText.TryParseLegacy(text, out Cidr hole);
            except.Add(hole);
        }

        if (isReadable && draft.Pods is null && draft.Namespaces is null)
        {
            peers.Add(new IpBlockPeer(cidr, except.ToEquatableArray(), draft.At.Line));
        }
        else
        {
            draft.At.Unreadable("the peer matches nothing");
        }
    }

    private static void AddPort(List<PolicyPort> ports, PortDraft draft)
    {
        var last = draft.EndPort ?? draft.Number;
        var isReadable =
            TryProtocol(draft.Protocol, out var protocol)
            && (
                draft.Number is not { } first
                || (NameValidation.IsPortNumber(first) && NameValidation.IsPortNumber(last ?? 0) && first <= last)
            )
            && (draft.EndPort is null || draft.Number is not null);
        if (isReadable && !draft.IsBroken)
        {
            ports.Add(new(protocol, draft.Number, last, draft.Name is null ? null : LabelInterner.Intern(draft.Name)));
        }
        else
        {
            draft.At.Unreadable("the port matches nothing");
        }
    }

    /// <summary>Parses a protocol, exactly as the API writes it.</summary>
    public static bool TryProtocol(string? text, out Protocol protocol)
    {
        protocol = text switch
        {
            "UDP" => Protocol.Udp,
            "SCTP" => Protocol.Sctp,
            _ => Protocol.Tcp,
        };
        return text is "TCP" or "UDP" or "SCTP";
    }

    private static LabelSelector? BuildSelectorOrNull(SelectorDraft? draft) =>
        draft is null ? null : BuildSelector(draft);

    private static LabelSelector BuildSelector(SelectorDraft draft)
    {
        var requirements = new List<LabelRequirement>(draft.MatchLabels.Count + draft.MatchExpressions.Count);
        var isReadable = !draft.IsBroken;
        foreach (var (key, value, _) in draft.MatchLabels.OrderBy(static label => label.Key, StringComparer.Ordinal))
        {
            isReadable &= NameValidation.LabelKey(key).Count == 0 && NameValidation.LabelValue(value).Count == 0;
            requirements.Add(LabelRequirement.Equal(LabelInterner.Intern(key), LabelInterner.Intern(value)));
        }

        foreach (var expression in draft.MatchExpressions)
        {
            isReadable &= TryRequirement(expression, out var requirement);
            requirements.Add(requirement);
        }

        if (!isReadable)
        {
            draft.At.Unreadable(
                "as a peer the selector matches nothing; as the podSelector of a policy it selects every pod"
            );
            return s_unreadable;
        }

        return requirements.Count == 0
            ? LabelSelector.Everything
            : new() { Requirements = requirements.ToEquatableArray() };
    }

    // What LabelSelectorAsSelector of meta/v1 rejects has no defined meaning.
    private static bool TryRequirement(RequirementDraft draft, out LabelRequirement requirement)
    {
        LabelOperator? @operator = draft.Operator switch
        {
            "In" => LabelOperator.In,
            "NotIn" => LabelOperator.NotIn,
            "Exists" => LabelOperator.Exists,
            "DoesNotExist" => LabelOperator.DoesNotExist,
            _ => null,
        };
        var takesValues = @operator is LabelOperator.In or LabelOperator.NotIn;
        var values = draft.Values.ConvertAll(static value => LabelInterner.Intern(value.Text));
        requirement = new(LabelInterner.Intern(draft.Key), @operator ?? LabelOperator.In, values.ToEquatableArray());
        return @operator is not null
            && takesValues == values.Count > 0
            && NameValidation.LabelKey(draft.Key).Count == 0
            && values.TrueForAll(static value => NameValidation.LabelValue(value).Count == 0);
    }
}
