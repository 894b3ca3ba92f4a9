using Podfence.Model;

namespace Podfence.Manifests;

/// <summary>
/// Reads a NetworkPolicy from a tree, field by field, and reports fields that do not exist and values of the wrong
/// type.
/// </summary>
internal static class PolicyReader
{
    // status existed up to 1.30 and still occurs in dumps.
    private static readonly string[] s_object = ["apiVersion", "kind", "metadata", "spec", "status"];
    private static readonly string[] s_spec = ["podSelector", "ingress", "egress", "policyTypes"];
    private static readonly string[] s_ingressRule = ["ports", "from"];
    private static readonly string[] s_egressRule = ["ports", "to"];
    private static readonly string[] s_port = ["protocol", "port", "endPort"];
    private static readonly string[] s_peer = ["podSelector", "namespaceSelector", "ipBlock"];
    private static readonly string[] s_block = ["cidr", "except"];

    public static PolicyDraft Read(Field root, Metadata metadata, SourceLocation location)
    {
        root.AllowOnly(s_object);
        var before = root.ErrorCount;
        var spec = root["spec"];
        spec.CheckMap();
        spec.AllowOnly(s_spec);
        var types = new List<(string, Field)>();
        foreach (var item in spec["policyTypes"].Items())
        {
            types.Add((item.String() ?? "", item));
        }

        var isBroken = root.ErrorCount > before;
        return new PolicyDraft
        {
            Key = new(metadata.Namespace!, metadata.Name),
            Location = location,
            PodSelector = SelectorReader.Read(spec["podSelector"]),
            PolicyTypes = types,
            PolicyTypesField = spec["policyTypes"],
            Ingress = ReadRules(spec["ingress"], s_ingressRule, "from"),
            Egress = ReadRules(spec["egress"], s_egressRule, "to"),
            IsBroken = isBroken,
        };
    }

    private static List<RuleDraft> ReadRules(Field rules, string[] known, string peersName)
    {
        var drafts = new List<RuleDraft>();
        foreach (var rule in rules.Items())
        {
            if (rule.IsNull)
            {
                rule.Warning(
                    "null is read as {}, which allows any peer on every port",
                    "write {} if that is intended, or the missing rule"
                );
            }

            var before = rule.ErrorCount;
            rule.CheckMap();
            rule.AllowOnly(known);
            var peers = rule[peersName].Items();
            var ports = rule["ports"].Items();
            var isBroken = rule.ErrorCount > before;
            drafts.Add(new(rule, peers.ConvertAll(ReadPeer), ports.ConvertAll(ReadPort), isBroken));
        }

        return drafts;
    }

    private static PeerDraft ReadPeer(Field peer)
    {
        var before = peer.ErrorCount;
        peer.CheckMap();
        peer.AllowOnly(s_peer);
        var block = ReadBlock(peer["ipBlock"]);
        var isBroken = peer.ErrorCount > before;
        return new(
            peer,
            SelectorReader.Read(peer["podSelector"]),
            SelectorReader.Read(peer["namespaceSelector"]),
            block,
            isBroken
        );
    }

    private static IpBlockDraft? ReadBlock(Field block)
    {
        if (!block.IsPresent)
        {
            return null;
        }

        block.CheckMap();
        block.AllowOnly(s_block);
        return new(
            block,
            block["cidr"].String() ?? "",
            block["except"].Items().ConvertAll(static item => (item.String() ?? "", item))
        );
    }

    private static PortDraft ReadPort(Field port)
    {
        var before = port.ErrorCount;
        port.CheckMap();
        port.AllowOnly(s_port);
        var number = port["port"];
        return new PortDraft
        {
            At = port,
            Protocol = port["protocol"].String(),
            Number = number.IsString ? null : number.Int32(),
            Name = number.IsString ? number.String() : null,
            EndPort = port["endPort"].Int32(),
            IsBroken = port.ErrorCount > before,
        };
    }
}
