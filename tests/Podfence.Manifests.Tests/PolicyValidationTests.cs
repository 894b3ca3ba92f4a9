using Podfence.Model;

namespace Podfence.Manifests.Tests;

/// <summary>The table of semantics.md S7, row by row, in the API server's own words.</summary>
public sealed class PolicyValidationTests
{
    private const string QualifiedName =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        + "character (e.g. 'MyName',  or 'my.name',  "
        + "or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string LabelValue =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
        + "start and end with an alphanumeric character "
        + "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
        + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    public static TheoryData<string, string> PortFaults =>
        new()
        {
            {
                "{protocol: ICMP}",
                "protocol: Unsupported value: \"ICMP\": supported values: \"TCP\", \"UDP\", \"SCTP\""
            },
            { "{protocol: tcp}", "protocol: Unsupported value: \"tcp\": supported values: \"TCP\", \"UDP\", \"SCTP\"" },
            { "{protocol: \"\"}", "protocol: Unsupported value: \"\": supported values: \"TCP\", \"UDP\", \"SCTP\"" },
            { "{port: 0}", "port: Invalid value: 0: must be between 1 and 65535, inclusive" },
            { "{port: 65536}", "port: Invalid value: 65536: must be between 1 and 65535, inclusive" },
            { "{port: -1}", "port: Invalid value: -1: must be between 1 and 65535, inclusive" },
            { "{port: 80, endPort: 65536}", "endPort: Invalid value: 65536: must be between 1 and 65535, inclusive" },
            { "{port: 80, endPort: 79}", "endPort: Invalid value: 80: must be greater than or equal to `port`" },
            {
                "{port: 80, endPort: 0}",
                "endPort: Invalid value: 80: must be greater than or equal to `port`|endPort: Invalid value: 0: "
                    + "must be between 1 and 65535, inclusive"
            },
            {
                "{port: http, endPort: 90}",
                "endPort: Invalid value: 90: may not be specified when `port` is non-numeric"
            },
            { "{endPort: 90}", "endPort: Invalid value: 90: may not be specified when `port` is not specified" },
            { "{port: \"80\"}", "port: Invalid value: \"80\": must contain at least one letter (a-z)" },
            {
                "{port: this-name-is-long}",
                "port: Invalid value: \"this-name-is-long\": must be no more than 15 bytes"
            },
            {
                "{port: HTTP}",
                "port: Invalid value: \"HTTP\": must contain only alpha-numeric characters (a-z, 0-9), and "
                    + "hyphens (-)|port: Invalid value: \"HTTP\": must contain at least one letter (a-z)"
            },
            { "{port: a--b}", "port: Invalid value: \"a--b\": must not contain consecutive hyphens" },
            { "{port: -a}", "port: Invalid value: \"-a\": must not begin or end with a hyphen" },
            {
                "{port: \"\"}",
                "port: Invalid value: \"\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens "
                    + "(-)|port: Invalid value: \"\": must contain at least one letter (a-z)"
            },
            { "{port: true}", "port: cannot unmarshal bool into int32" },
            { "{port: 80.5}", "port: cannot unmarshal number 80.5 into int32" },
            { "{port: 4294967376}", "port: cannot unmarshal number 4294967376 into int32" },
            { "{endPort: \"90\", port: 80}", "endPort: cannot unmarshal string into int32" },
        };

    public static TheoryData<string, string> PeerFaults =>
        new()
        {
            { "{}", ": Required value: must specify a peer" },
            { "null", ": Required value: must specify a peer" },
            { "{podSelector: null}", ": Required value: must specify a peer" },
            {
                "{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}",
                ": Forbidden: may not specify both ipBlock and another peer"
            },
            { "{ipBlock: {}}", ".ipBlock.cidr: Required value" },
            { "{ipBlock: {cidr: \"\"}}", ".ipBlock.cidr: Required value" },
            {
                "{ipBlock: {cidr: 10.0.0.0}}",
                ".ipBlock.cidr: Invalid value: \"10.0.0.0\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
                    + "2001:db8::/64)"
            },
            {
                "{ipBlock: {cidr: 10.0.0.0/33}}",
                ".ipBlock.cidr: Invalid value: \"10.0.0.0/33\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
                    + "2001:db8::/64)"
            },
            {
                "{ipBlock: {cidr: 010.0.0.0/8}}",
                ".ipBlock.cidr: Invalid value: \"010.0.0.0/8\": must not have leading 0s in IP or prefix length"
            },
            {
                "{ipBlock: {cidr: 10.0.0.0/08}}",
                ".ipBlock.cidr: Invalid value: \"10.0.0.0/08\": must not have leading 0s in IP or prefix length"
            },
            {
                "{ipBlock: {cidr: \"::ffff:10.0.0.0/104\"}}",
                ".ipBlock.cidr: Invalid value: \"::ffff:10.0.0.0/104\": must not have an IPv4-mapped IPv6 address"
            },
            {
                "{ipBlock: {cidr: 10.1.2.3/8}}",
                ".ipBlock.cidr: Invalid value: \"10.1.2.3/8\": must not have bits set beyond the prefix length"
            },
            {
                "{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}",
                ".ipBlock.except[0]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`"
            },
            {
                "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 11.0.0.0/16]}}",
                ".ipBlock.except[1]: Invalid value: \"11.0.0.0/16\": must be a strict subset of `cidr`"
            },
            {
                "{ipBlock: {cidr: 10.0.0.0/8, except: [\"2001:db8::/32\"]}}",
                ".ipBlock.except[0]: Invalid value: \"2001:db8::/32\": must be a strict subset of `cidr`"
            },
            {
                "{ipBlock: {cidr: 10.0.0.0/8, except: [x]}}",
                ".ipBlock.except[0]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
                    + "2001:db8::/64)"
            },
            {
                "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.2.3/16]}}",
                ".ipBlock.except[0]: Invalid value: \"10.1.2.3/16\": must not have bits set beyond the prefix length"
            },
            {
                "{podSelector: {matchExpressions: [{key: a, operator: In}]}}",
                ".podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is "
                    + "'In' or 'NotIn'"
            },
            {
                "{podSelector: {matchExpressions: [{key: a, operator: NotIn, values: []}]}}",
                ".podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is "
                    + "'In' or 'NotIn'"
            },
            {
                "{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
                ".podSelector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is "
                    + "'Exists' or 'DoesNotExist'"
            },
            {
                "{podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}",
                ".podSelector.matchExpressions[0].operator: Invalid value: \"in\": not a valid selector operator"
            },
            {
                "{podSelector: {matchExpressions: [{key: a}]}}",
                ".podSelector.matchExpressions[0].operator: Invalid value: \"\": not a valid selector operator"
            },
            {
                "{podSelector: {matchExpressions: [{operator: Exists}]}}",
                ".podSelector.matchExpressions[0].key: Invalid value: \"\": name part must be "
                    + "non-empty|.podSelector.matchExpressions[0].key: Invalid value: \"\": name part "
                    + QualifiedName
            },
            {
                "{namespaceSelector: {matchExpressions: [{key: a, operator: In, values: [a b]}]}}",
                ".namespaceSelector.matchExpressions[0].values[0]: Invalid value: \"a b\": " + LabelValue
            },
            {
                "{namespaceSelector: {matchLabels: {a: -b}}}",
                ".namespaceSelector.matchLabels: Invalid value: \"-b\": " + LabelValue
            },
            {
                "{podSelector: {matchLabels: {/a: b}}}",
                ".podSelector.matchLabels: Invalid value: \"/a\": prefix part must be non-empty"
            },
            {
                "{podSelector: {matchLabels: {a/b/c: b}}}",
                ".podSelector.matchLabels: Invalid value: \"a/b/c\": a qualified name "
                    + QualifiedName
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            },
            {
                "{podSelector: {matchLabels: {a: 80}}}",
                ".podSelector.matchLabels[a]: cannot unmarshal number into string"
            },
            {
                "{podSelector: {matchLabels: {a: 1e3}}}",
                ".podSelector.matchLabels[a]: cannot unmarshal number into string"
            },
            {
                "{podSelector: {matchLabels: {a: true}}}",
                ".podSelector.matchLabels[a]: cannot unmarshal bool into string"
            },
            {
                "{podSelector: {matchLabels: {a: yes}}}",
                ".podSelector.matchLabels[a]: cannot unmarshal bool into string"
            },
            { "{podSelector: [a]}", ".podSelector: cannot unmarshal array into object" },
        };

    public static TheoryData<string, string> SpecFaults =>
        new()
        {
            {
                "{policyTypes: [Ingress, Egress, Ingress]}",
                "spec.policyTypes: Invalid value: [\"Ingress\", \"Egress\", \"Ingress\"]: may not specify more "
                    + "than two policyTypes"
            },
            {
                "{policyTypes: [ingress]}",
                "spec.policyTypes[0]: Unsupported value: \"ingress\": supported values: \"Ingress\", \"Egress\""
            },
            {
                "{podSelector: {matchLabels: {a: b c}}}",
                "spec.podSelector.matchLabels: Invalid value: \"b c\": " + LabelValue
            },
            { "{ingres: []}", "unknown field \"spec.ingres\"" },
            { "{ingress: [{to: []}]}", "unknown field \"spec.ingress[0].to\"" },
            { "{egress: [{ports: [{ports: 80}]}]}", "unknown field \"spec.egress[0].ports[0].ports\"" },
            {
                "{ingress: [{from: [{ipblock: {cidr: 10.0.0.0/8}}]}]}",
                "unknown field \"spec.ingress[0].from[0].ipblock\""
            },
            {
                "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, excepts: []}}]}]}",
                "unknown field \"spec.ingress[0].from[0].ipBlock.excepts\""
            },
            { "{podSelector: {role: db}}", "unknown field \"spec.podSelector.role\"" },
            {
                "{podSelector: {matchExpressions: [{key: a, operator: Exists, value: b}]}}",
                "unknown field \"spec.podSelector.matchExpressions[0].value\""
            },
            { "{ingress: {}}", "spec.ingress: cannot unmarshal object into array" },
            { "[]", "spec: cannot unmarshal array into object" },
        };

    [Theory]
    [MemberData(nameof(PortFaults))]
    public void ReadText_InvalidPort_HasTheServersMessage(string port, string expected)
    {
        AssertErrors($"{{ingress: [{{ports: [{{port: 1}}, {port}]}}]}}", "spec.ingress[0].ports[1].", expected);
        AssertErrors($"{{egress: [{{ports: [{port}]}}]}}", "spec.egress[0].ports[0].", expected);
    }

    [Theory]
    [MemberData(nameof(PeerFaults))]
    public void ReadText_InvalidPeer_HasTheServersMessage(string peer, string expected)
    {
        AssertErrors($"{{ingress: [{{}}, {{from: [{peer}]}}]}}", "spec.ingress[1].from[0]", expected);
        AssertErrors($"{{egress: [{{to: [{{podSelector: {{}}}}, {peer}]}}]}}", "spec.egress[0].to[1]", expected);
    }

    [Theory]
    [MemberData(nameof(SpecFaults))]
    public void ReadText_InvalidSpec_HasTheServersMessage(string spec, string expected) =>
        AssertErrors(spec, "", expected);

    [Theory]
    [InlineData(
        "{name: Web_1}",
        "metadata.name: Invalid value: \"Web_1\": a lowercase RFC 1123 subdomain must consist of lower case "
            + "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. "
            + "'example.com', regex used for validation is "
            + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    )]
    [InlineData("{}", "metadata.name: Required value: name or generateName is required")]
    [InlineData(
        "{name: a, namespace: a.b}",
        "metadata.namespace: Invalid value: \"a.b\": a lowercase RFC 1123 label must consist of lower case "
            + "alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name', "
            + " or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    )]
    [InlineData("{name: a, lables: {}}", "unknown field \"metadata.lables\"")]
    [InlineData(
        "{name: 5}",
        "metadata.name: cannot unmarshal number into string|metadata.name: Required value: name or generateName "
            + "is required"
    )]
    public void ReadText_InvalidMetadata_HasTheServersMessage(string metadata, string expected)
    {
        var manifests = ManifestReader.ReadText(
            $"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {metadata}\n"
        );

        Assert.Equal(expected.Split('|'), manifests.Diagnostics.Select(found => found.Message));
        Assert.Empty(manifests.Policies);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{ingress: [{ports: [{}]}]}")]
    [InlineData("{policyTypes: [Ingress, Ingress]}")]
    [InlineData("{policyTypes: [Egress], ingress: [{}, {}]}")]
    [InlineData("{egress: [{to: []}]}")]
    [InlineData("{ingress: [{ports: [{port: not-declared}]}]}")]
    [InlineData("{ingress: [{ports: [{port: 80, endPort: 80}]}]}")]
    [InlineData("{podSelector: {matchLabels: {a: \"\", example.com/b: c}}}")]
    public void ReadText_UnusualButValid_IsAccepted(string spec)
    {
        var manifests = ManifestReader.ReadText(Samples.Policy(spec));

        Assert.Empty(manifests.Diagnostics);
        Assert.Single(manifests.Policies);
    }

    [Fact]
    public void ReadText_UncanonicalIPv6_Warns()
    {
        var manifests = ManifestReader.ReadText(
            Samples.Policy("{ingress: [{from: [{ipBlock: {cidr: \"2001:DB8:0::/48\"}}]}]}")
        );

        var found = Assert.Single(manifests.Diagnostics);
        Assert.False(found.IsError);
        Assert.Equal(
            "spec.ingress[0].from[0].ipBlock.cidr: IPv6 CIDR value \"2001:DB8:0::/48\" should be in RFC 5952 "
                + "canonical format (\"2001:db8::/48\")",
            found.Message
        );
        Assert.Single(manifests.Policies);
    }

    private static void AssertErrors(string spec, string prefix, string expected)
    {
        var manifests = ManifestReader.ReadText(Samples.Policy(spec), "policy.yaml");

        Assert.Equal(
            expected.Split('|').Select(text => prefix + text),
            manifests.Diagnostics.Where(found => found.IsError).Select(found => found.Message)
        );
        Assert.Empty(manifests.Policies);
        Assert.All(manifests.Diagnostics, found => Assert.Equal(new SourceLocation("policy.yaml", 4), found.Location));
        Assert.All(manifests.Diagnostics, found => Assert.Equal("NetworkPolicy ns/p", found.Subject.ToString()));
    }
}
