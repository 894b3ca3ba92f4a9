using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// The API server's validation of a NetworkPolicy (semantics.md S7), with its fields, kinds and texts.
/// It validates a draft with defaults, from any source.
/// </summary>
internal static class PolicyValidator
{
    private static readonly string[] s_protocols = ["TCP", "UDP", "SCTP"];
    private static readonly string[] s_policyTypes = [PolicyDefaults.Ingress, PolicyDefaults.Egress];

    public static void Validate(PolicyDraft draft)
    {
        SelectorValidator.Validate(draft.PodSelector);
        draft.Ingress.ForEach(ValidateRule);
        draft.Egress.ForEach(ValidateRule);
        ValidateTypes(draft);
    }

    private static void ValidateTypes(PolicyDraft draft)
    {
        if (draft.PolicyTypes.Count > s_policyTypes.Length)
        {
            var all = string.Join(", ", draft.PolicyTypes.Select(static type => GoText.Quote(type.Name)));
            draft.PolicyTypesField.Error($"Invalid value: [{all}]: may not specify more than two policyTypes");
            return;
        }

        foreach (var (name, at) in draft.PolicyTypes)
        {
            if (!s_policyTypes.Contains(name))
            {
                at.Unsupported(name, s_policyTypes);
            }
        }
    }

    private static void ValidateRule(RuleDraft rule)
    {
        rule.Ports.ForEach(ValidatePort);
        rule.Peers.ForEach(ValidatePeer);
    }

    private static void ValidatePort(PortDraft port)
    {
        if (port.IsBroken)
        {
            return;
        }

        if (!s_protocols.Contains(port.Protocol))
        {
            port.At["protocol"].Unsupported(port.Protocol ?? "", s_protocols);
        }

        if (port.Number is { } number)
        {
            CheckNumber(port.At["port"], number);
        }
        else if (port.Name is { } name)
        {
            ValidateName(port.At["port"], name);
        }

        if (port.EndPort is { } endPort)
        {
            ValidateEndPort(port, endPort);
        }
    }

    private static void ValidateName(Field field, string name)
    {
        var isNumber = name.Length > 0 && !name.AsSpan().ContainsAnyExceptInRange('0', '9');
        foreach (var message in NameValidation.PortName(name))
        {
            field.Invalid(name, message, isNumber ? "quoted text is a port name: remove the quotes" : null);
        }
    }

    private static void ValidateEndPort(PortDraft port, int endPort)
    {
        var field = port.At["endPort"];
        if (port.Name is not null)
        {
            field.Invalid(endPort, "may not be specified when `port` is non-numeric");
            return;
        }

        if (port.Number is not { } first)
        {
            field.Invalid(
                endPort,
                "may not be specified when `port` is not specified",
                "add port, the first number of the range"
            );
            return;
        }

        if (endPort < first)
        {
            // The server prints the value of port here.
            field.Invalid(first, "must be greater than or equal to `port`", $"endPort is {endPort}");
        }

        CheckNumber(field, endPort);
    }

    private static void CheckNumber(Field field, int number)
    {
        if (!NameValidation.IsPortNumber(number))
        {
            field.Invalid(number, NameValidation.PortNumberMessage);
        }
    }

    private static void ValidatePeer(PeerDraft peer)
    {
        SelectorValidator.Validate(peer.Pods);
        SelectorValidator.Validate(peer.Namespaces);
        if (peer.Block is not null)
        {
            CidrValidator.Validate(peer.Block);
        }

        if (peer.Pods is null && peer.Namespaces is null && peer.Block is null)
        {
            if (!peer.IsBroken)
            {
                peer.At.Required(
                    "must specify a peer",
                    "podSelector: {} selects every pod of the namespace; to allow any peer, omit the whole list"
                );
            }
        }
        else if (peer.Block is not null && (peer.Pods is not null || peer.Namespaces is not null))
        {
            peer.At.Forbidden(
                "may not specify both ipBlock and another peer",
                "put ipBlock into an item of its own, after a dash"
            );
        }
    }
}
