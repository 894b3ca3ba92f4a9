using Podfence.Dataplane.Iptables;
using Podfence.Model;

namespace Podfence.Dataplane.Tests;

public sealed class IptablesToolsTests
{
    [Theory]
    [InlineData(
        4,
        "Another app is currently holding the xtables lock; still 1s 0us time ahead to have a chance to grab the "
            + "lock...",
        DataplaneFailure.Conflict
    ),]
    [InlineData(
        1,
        "iptables-restore v1.8.9 (legacy): Set PODFENCE-A4x doesn't exist.\n\nError occurred at line: 2",
        DataplaneFailure.Conflict
    ),]
    [InlineData(
        3,
        "iptables-restore: can't initialize iptables table `filter': Permission denied (you must be root)",
        DataplaneFailure.NotPermitted
    ),]
    [InlineData(
        1,
        "iptables-nft-restore v1.8.9 (nf_tables): Can't open socket to ipset.",
        DataplaneFailure.NotPermitted
    ),]
    [InlineData(4, "line 2: RULE_APPEND failed (Too many links): rule in chain X", DataplaneFailure.Rejected)]
    public void RestoreTable_Failure_ReportsTheReasonAndTheLine(int code, string words, DataplaneFailure expected)
    {
        using var iptables = new IptablesTools(
            new ScriptedTools(new ToolResult(code, "", words)),
            IptablesVariant.Legacy,
            new CurrentNamespace()
        );

        var failure = Assert.Throws<DataplaneException>(() =>
            iptables.RestoreTable(IpFamily.IPv6, "*filter\n-A X -j Y\nCOMMIT\n")
        );

        Assert.Equal(expected, failure.Failure);
        Assert.StartsWith("ip6tables-legacy-restore ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(
            words.Contains("line", StringComparison.Ordinal),
            failure.Message.Contains("-A X -j Y", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void RestoreTable_Always_LeavesOthersAloneAndWaitsWithALimit()
    {
        var tools = new ScriptedTools(new ToolResult(0, "", ""));
        using var iptables = new IptablesTools(tools, IptablesVariant.Legacy, new CurrentNamespace());

        iptables.RestoreTable(IpFamily.IPv4, "*filter\nCOMMIT\n");

        Assert.Equal(["iptables-legacy-restore --noflush -w 20"], tools.Commands);
    }

    [Fact]
    public void Read_TableThatIptablesCannotPrint_ChainsAreAskedForOneByOne()
    {
        var tools = new ScriptedTools(new ToolResult(0, "", ""))
        {
            ["iptables-legacy-save -t filter"] = new ToolResult(
                0,
                "# Table `filter' is incompatible, use 'nft' tool.\n",
                ""
            ),
            ["iptables-legacy -S PODFENCE-FORWARD"] = new ToolResult(
                0,
                "-N PODFENCE-FORWARD\n-A PODFENCE-FORWARD -m comment --comment x -j PODFENCE-MORE\n",
                ""
            ),
            ["iptables-legacy -S PODFENCE-MORE"] = new ToolResult(
                0,
                "-N PODFENCE-MORE\n-A PODFENCE-MORE -j RETURN\n",
                ""
            ),
            ["iptables-legacy -S FORWARD"] = new ToolResult(1, "", "table `filter' is incompatible, use 'nft' tool."),
        };
        using var iptables = new IptablesTools(tools, IptablesVariant.Legacy, new CurrentNamespace());

        var table = iptables.Read().Tables[IpFamily.IPv4];

        Assert.Equal(["-m comment --comment \"x\" -j PODFENCE-MORE"], table.Chains["PODFENCE-FORWARD"]);
        Assert.Equal(["-j RETURN"], table.Chains["PODFENCE-MORE"]);
        Assert.Contains(table.Jumps, static jump => jump is { Hook: "FORWARD", Position: 1 });
    }

    /// <summary>Returns prepared results for command lines, and a default for the others.</summary>
    private sealed class ScriptedTools(ToolResult byDefault) : IToolRunner
    {
        private readonly Dictionary<string, ToolResult> _results = [];

        public List<string> Commands { get; } = [];

        public ToolResult this[string line]
        {
            set => _results[line] = value;
        }

        public ToolResult Run(string program, IReadOnlyList<string> arguments, string input)
        {
            Commands.Add($"{program} {string.Join(' ', arguments)}");
            return _results.GetValueOrDefault(Commands[^1], byDefault);
        }

        public bool Has(string program) => true;
    }
}
