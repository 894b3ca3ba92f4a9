using System.Text.Json;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>Writes the spec of a policy, with all defaults of the API server.</summary>
internal static class PolicyWriter
{
    public static void Write(Utf8JsonWriter json, NetworkPolicy policy)
    {
        json.WriteStartObject("spec");
        WriteSelector(json, "podSelector", policy.PodSelector);
        json.WriteStartArray("policyTypes");
        if (policy.IsolatesIngress)
        {
            json.WriteStringValue(PolicyDefaults.Ingress);
        }

        if (policy.IsolatesEgress)
        {
            json.WriteStringValue(PolicyDefaults.Egress);
        }

        json.WriteEndArray();
        WriteRules(json, "ingress", "from", policy.Ingress);
        WriteRules(json, "egress", "to", policy.Egress);
        json.WriteEndObject();
    }

    /// <summary>The API's name of a protocol.</summary>
    public static string NameOf(Protocol protocol) =>
        protocol switch
        {
            Protocol.Udp => "UDP",
            Protocol.Sctp => "SCTP",
            _ => "TCP",
        };

    private static void WriteRules(Utf8JsonWriter json, string name, string peersName, EquatableArray<PolicyRule> rules)
    {
        if (rules.IsEmpty)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            if (!rule.Peers.IsEmpty)
            {
                json.WriteStartArray(peersName);
                foreach (var peer in rule.Peers)
                {
                    WritePeer(json, peer);
                }

                json.WriteEndArray();
            }

            if (!rule.Ports.IsEmpty)
            {
                json.WriteStartArray("ports");
                foreach (var port in rule.Ports)
                {
                    WritePort(json, port);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WritePeer(Utf8JsonWriter json, PolicyPeer peer)
    {
        json.WriteStartObject();
        switch (peer)
        {
            case IpBlockPeer block:
                json.WriteStartObject("ipBlock");
                json.WriteString("cidr", block.Cidr.ToString());
                if (!block.Except.IsEmpty)
                {
                    json.WriteStartArray("except");
                    foreach (var hole in block.Except)
                    {
                        json.WriteStringValue(hole.ToString());
                    }

                    json.WriteEndArray();
                }

                json.WriteEndObject();
                break;
            case SelectorPeer selectors:
                WriteSelector(json, "namespaceSelector", selectors.Namespaces);
                WriteSelector(json, "podSelector", selectors.Pods);
                break;
        }

        json.WriteEndObject();
    }

    private static void WritePort(Utf8JsonWriter json, PolicyPort port)
    {
        json.WriteStartObject();
        json.WriteString("protocol", NameOf(port.Protocol));
        if (port.Name is not null)
        {
            json.WriteString("port", port.Name);
        }
        else if (port.First is { } first)
        {
            json.WriteNumber("port", first);
            if (port.Last is { } last && last != first)
            {
                json.WriteNumber("endPort", last);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteSelector(Utf8JsonWriter json, string name, LabelSelector? selector)
    {
        if (selector is null)
        {
            return;
        }

        var requirements = selector.Requirements.AsSpan();
        var labels = selector.Unreadable ? 0 : CountLabels(requirements);
        json.WriteStartObject(name);
        if (labels > 0)
        {
            json.WriteStartObject("matchLabels");
            foreach (var requirement in requirements[..labels])
            {
                json.WriteString(requirement.Key, requirement.Values[0]);
            }

            json.WriteEndObject();
        }

        if (selector.Unreadable)
        {
            // An unknown operator keeps the selector unreadable for the reader.
            WriteExpressions(json, [new("unreadable", (LabelOperator)(-1), default)]);
        }
        else if (labels < requirements.Length)
        {
            WriteExpressions(json, requirements[labels..]);
        }

        json.WriteEndObject();
    }

    private static void WriteExpressions(Utf8JsonWriter json, ReadOnlySpan<LabelRequirement> requirements)
    {
        json.WriteStartArray("matchExpressions");
        foreach (var requirement in requirements)
        {
            json.WriteStartObject();
            json.WriteString("key", requirement.Key);
            json.WriteString(
                "operator",
                Enum.IsDefined(requirement.Operator) ? requirement.Operator.ToString() : "Unreadable"
            );
            if (!requirement.Values.IsEmpty)
            {
                json.WriteStartArray("values");
                foreach (var value in requirement.Values)
                {
                    json.WriteStringValue(value);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Requirements of one value come back from matchLabels in the order of keys, each key once; only those in front
    // that stand so may go there.
    private static int CountLabels(ReadOnlySpan<LabelRequirement> requirements)
    {
        var count = 0;
        while (
            count < requirements.Length
            && requirements[count] is { Operator: LabelOperator.In, Values.Count: 1 }
            && (count == 0 || string.CompareOrdinal(requirements[count - 1].Key, requirements[count].Key) < 0)
        )
        {
            count++;
        }

        return count;
    }
}
