using Podfence.Base;
using Podfence.Evaluation;
using Podfence.Model;

namespace Podfence.Analysis.Tests;

public sealed class ExpectationTests
{
    [Fact]
    public void ReadText_EveryForm_IsRead()
    {
        var expectations = ExpectationReader.ReadText(
            """
            expect:
            - {from: default/web, to: default/db, port: 6379, verdict: allow}
            - {from: "node:n1", to: default/db, protocol: UDP, port: 53, verdict: deny, family: ipv6}
            - {from: 198.51.100.7, to: "default/*", port: 80, verdict: deny, why: "no external clients"}
            """,
            "e.yaml"
        );

        Assert.Empty(expectations.Diagnostics);
        Assert.Equal(
            [
                new Expectation
                {
                    From = new PodPattern("default", "web"),
                    To = new PodPattern("default", "db"),
                    Port = 6379,
                    Verdict = ExpectedVerdict.Allow,
                    Location = new("e.yaml", 2),
                },
                new Expectation
                {
                    From = new NodePattern("n1"),
                    To = new PodPattern("default", "db"),
                    Protocol = Protocol.Udp,
                    Port = 53,
                    Verdict = ExpectedVerdict.Deny,
                    Family = IpFamily.IPv6,
                    Location = new("e.yaml", 3),
                },
                new Expectation
                {
                    From = new AddressPattern(IpAddress.Parse("198.51.100.7")),
                    To = new PodPattern("default", "*"),
                    Port = 80,
                    Verdict = ExpectedVerdict.Deny,
                    Why = "no external clients",
                    Location = new("e.yaml", 4),
                },
            ],
            expectations.Items
        );
    }

    [Theory]
    [InlineData(
        "{}",
        "expect[0].from: Required value|expect[0].to: Required value|expect[0].port: Required "
            + "value|expect[0].verdict: Required value"
    )]
    [InlineData(
        "{from: web, to: a/b, port: 80, verdict: deny}",
        "expect[0].from: Invalid value: \"web\": must be a pod, a node or an address"
    )]
    [InlineData(
        "{from: a/b, to: 10.0.0.0/8, port: 80, verdict: deny}",
        "expect[0].to: Invalid value: \"10.0.0.0/8\": must be a pod, a node or an address"
    )]
    [InlineData(
        "{from: a/b, to: \"node:*\", port: 80, verdict: deny}",
        "expect[0].to: Invalid value: \"node:*\": must be a pod, a node or an address"
    )]
    [InlineData(
        "{from: 010.0.0.1, to: a/b, port: 80, verdict: deny}",
        "expect[0].from: Invalid value: \"010.0.0.1\": must be a pod, a node or an address"
    )]
    [InlineData(
        "{from: a/b, to: a/c, port: 0, verdict: deny}",
        "expect[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"
    )]
    [InlineData(
        "{from: a/b, to: a/c, port: http, verdict: deny}",
        "expect[0].port: cannot unmarshal string into int32"
    )]
    [InlineData(
        "{from: a/b, to: a/c, port: 80, verdict: denied}",
        "expect[0].verdict: Unsupported value: \"denied\": supported values: \"allow\", \"deny\""
    )]
    [InlineData(
        "{from: a/b, to: a/c, port: 80, verdict: deny, protocol: icmp}",
        "expect[0].protocol: Unsupported value: \"icmp\": supported values: \"TCP\", \"UDP\", \"SCTP\""
    )]
    [InlineData(
        "{from: a/b, to: a/c, port: 80, verdict: deny, family: v4}",
        "expect[0].family: Unsupported value: \"v4\": supported values: \"ipv4\", \"ipv6\""
    )]
    [InlineData(
        "{from: 10.0.0.1, to: a/c, port: 80, verdict: deny, family: ipv6}",
        "expect[0].family: the address is not ipv6"
    )]
    [InlineData("{from: a/b, to: a/c, port: 80, verdict: deny, because: x}", "unknown field \"expect[0].because\"")]
    public void ReadText_FaultyItem_ReportsTheField(string item, string expected)
    {
        var expectations = ExpectationReader.ReadText(
            $"expect:\n- {item}\n- {{from: a/b, to: a/c, port: 1, verdict: allow}}\n",
            "e.yaml"
        );

        Assert.Equal(expected.Split('|'), expectations.Diagnostics.Select(fault => fault.Message));
        Assert.All(expectations.Diagnostics, fault => Assert.Equal(new SourceLocation("e.yaml", 2), fault.Location));
        Assert.Single(expectations.Items);
    }

    [Theory]
    [InlineData("expects: []", "unknown field \"expects\"|expect: Required value")]
    [InlineData("[]", "an expectation file must be a map with a list under expect, found array")]
    [InlineData("expect: {}", "expect: cannot unmarshal object into array")]
    public void ReadText_FaultyFile_ReportsTheProblem(string text, string expected) =>
        Assert.Equal(expected.Split('|'), ExpectationReader.ReadText(text).Diagnostics.Select(fault => fault.Message));

    [Fact]
    public void Expand_Globs_PairAllButAPodWithItself()
    {
        var flows = Expand("{from: \"default/*\", to: \"*/w?b\", port: 80, verdict: deny}");

        Assert.Empty(flows.Diagnostics);
        Assert.Equal(
            ["default/db>default/web", "default/db>other/web", "default/db>other/web", "default/web>other/web"],
            flows.Flows.Select(flow => $"{flow.From.Name}>{flow.To.Name}")
        );
    }

    [Fact]
    public void Expand_NamedPodToItself_IsAFlow() =>
        Assert.Single(Expand("{from: default/web, to: default/web, port: 80, verdict: allow}").Flows);

    [Fact]
    public void Expand_Families_AreThoseBothEndsHave()
    {
        var flows = Expand("{from: other/web, to: default/db, port: 80, verdict: deny}");

        Assert.Equal(
            [IpAddress.Parse("10.0.0.1"), IpAddress.Parse("fd00::1")],
            flows.Flows.Select(flow => flow.To.Address)
        );
    }

    [Fact]
    public void Expand_NodeAndHostPod_HaveTheNodesAddress()
    {
        var flows = Expand("{from: \"node:n1\", to: host/h, port: 80, verdict: allow}");

        Assert.Equal(
            [(IpAddress.Parse("192.168.0.1"), IpAddress.Parse("192.168.0.1"))],
            flows.Flows.Select(flow => (flow.From.Address, flow.To.Address))
        );
    }

    [Fact]
    public void Expand_AddressOfAPod_IsThePod() =>
        Assert.Equal(
            "db",
            Assert
                .Single(Expand("{from: 10.0.0.1, to: default/web, port: 80, verdict: allow}").Flows)
                .From.Pod!.Key.Name
        );

    [Theory]
    [InlineData(
        "{from: default/bd, to: \"node:n2\", port: 80, verdict: deny}",
        "from: nothing in the cluster matches default/bd (did you mean default/db?)|to: nothing in the cluster "
            + "matches node:n2 (did you mean node:n1?)"
    )]
    [InlineData(
        "{from: \"other/*\", to: \"other/*\", port: 80, verdict: deny}",
        "no flow from other/* to other/* (a glob or workload never pairs a pod with itself; name the pod to test that)"
    )]
    [InlineData(
        "{from: default/web, to: default/db, port: 80, verdict: deny, family: ipv6}",
        "no flow from default/web to default/db (an endpoint has no IPv6 address)"
    )]
    [InlineData(
        "{from: default/done, to: default/db, port: 80, verdict: deny}",
        "no flow from default/done to default/db (the endpoints have no family in common, or one of them has no "
            + "address)"
    )]
    public void Expand_NoMatch_IsAnError(string item, string expected)
    {
        var flows = Expand(item);

        Assert.Empty(flows.Flows);
        Assert.Equal(
            expected.Split('|').Select(text => $"-:2: error: {text}"),
            flows.Diagnostics.Select(fault => fault.ToString())
        );
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("a*c", "abc", true)]
    [InlineData("a*c", "abcd", false)]
    [InlineData("?b", "ab", true)]
    [InlineData("?", "", false)]
    [InlineData("a**b*", "aXXbXX", true)]
    [InlineData("*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void Matches_Glob_IsAsInAShell(string pattern, string text, bool expected) =>
        Assert.Equal(expected, Glob.Matches(pattern, text));

    private static ExpectedFlows Expand(string item)
    {
        var state = new ClusterState();
        state.Upsert(new Node { Name = "n1", Addresses = [IpAddress.Parse("192.168.0.1")] });
        state.Upsert(PodOf("default", "web", "10.0.0.2"));
        state.Upsert(PodOf("default", "db", "10.0.0.1", "fd00::1"));
        state.Upsert(PodOf("default", "done") with { Phase = PodPhase.Succeeded });
        state.Upsert(PodOf("other", "web", "10.0.0.3", "fd00::3"));
        state.Upsert(PodOf("host", "h") with { HostNetwork = true, NodeName = "n1" });
        var expectations = ExpectationReader.ReadText($"expect:\n- {item}\n");
        Assert.Empty(expectations.Diagnostics);
        return expectations.Items.Expand(state);
    }

    private static Pod PodOf(string @namespace, string name, params string[] addresses) =>
        new() { Key = new(@namespace, name), Addresses = addresses.Select(IpAddress.Parse).ToEquatableArray() };
}
