using System.Text.Json.Nodes;
using CsCheck;
using Podfence.Dataplane.Nftables;
using Podfence.TestKit;

namespace Podfence.Dataplane.Tests;

public sealed class NftTextTests
{
    public NftTextTests() =>
        Assert.SkipUnless(
            PrivateNetns.IsPermitted && File.Exists("/usr/sbin/nft"),
            $"{PrivateNetns.SkipReason}; and nft"
        );

    [Fact]
    public void Print_AnyTable_NftLoadsTheSameAsNetlink()
    {
        using var own = new PrivateNetns();
        using var nft = new PrivateNetns();
        using var kernel = own.Run(NetlinkKernel.Open);
        var gate = new Lock();

        NftGen.Table.Sample(
            table =>
            {
                lock (gate)
                {
                    kernel.Run(NftGen.Operations(table));
                    Load(nft, "add table inet podfence\ndelete table inet podfence\n" + NftText.Print(table));
                    Assert.Equal(List(nft), List(own));
                }
            },
            iter: 60,
            threads: 1
        );
    }

    [Fact]
    public void Print_AnyOperations_NftLoadsTheSameAsNetlink()
    {
        using var own = new PrivateNetns();
        using var nft = new PrivateNetns();
        using var kernel = own.Run(NetlinkKernel.Open);
        var gate = new Lock();

        NftGen.Table.Sample(
            table =>
            {
                lock (gate)
                {
                    var operations = NftGen.Operations(table);
                    kernel.Run(operations);
                    Load(nft, NftText.Print(operations));
                    Assert.Equal(List(nft), List(own));
                }
            },
            iter: 60,
            threads: 1
        );
    }

    [Fact]
    public void Read_AnyRulesetThatNftLoaded_IsOursToTheLastRule()
    {
        using var netns = new PrivateNetns();
        using var dataplane = new NftablesDataplane(netns.Run(NetlinkKernel.Open));
        var gate = new Lock();

        RandomRulesets.Pairs.Sample(
            pair =>
            {
                lock (gate)
                {
                    var notes =
                        pair.First.Endpoints.Count % 2 == 0
                            ? static _ => ["a note\nadd table inet other", "; }"]
                            : (Func<object, IEnumerable<string>>?)null;
                    Load(netns, NftText.DeleteTableFirst + NftText.Print(RulesetLowering.Lower(pair.First), notes));
                    Assert.Empty(dataplane.Verify(pair.First));
                    Assert.Equal("table inet podfence\n", netns.RunProgram("/usr/sbin/nft", ["list", "tables"]));
                }
            },
            iter: 60,
            threads: 1
        );
    }

    internal static void Load(PrivateNetns netns, string text)
    {
        try
        {
            netns.RunProgram("/usr/sbin/nft", ["-f", "-"], text);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidOperationException($"{error.Message}\n{text}", error);
        }
    }

    /// <summary>
    /// What nft makes of a table, with everything sorted that has no order, and without the kernel's handles.
    /// </summary>
    internal static string List(PrivateNetns netns)
    {
        var root = JsonNode.Parse(netns.RunProgram("/usr/sbin/nft", ["-j", "list", "table", "inet", "podfence"]))!;
        var lines = new List<string>();
        var rules = new List<string>();
        foreach (var item in root["nftables"]!.AsArray())
        {
            var (kind, value) = item!.AsObject().First();
            value!.AsObject().Remove("handle");
            if (value["elem"] is JsonArray elements)
            {
                var sorted = elements
                    .Select(element => element!.ToJsonString())
                    .Order(StringComparer.Ordinal)
                    .ToArray();
                value["elem"] = new JsonArray([.. sorted.Select(text => JsonNode.Parse(text))]);
            }

            (kind == "rule" ? rules : lines).Add(value.ToJsonString());
        }

        // Rules of a chain are in order; the chains are not.
        return string.Join(
            '\n',
            lines
                .Order(StringComparer.Ordinal)
                .Concat(
                    rules.OrderBy(rule => JsonNode.Parse(rule)!["chain"]!.GetValue<string>(), StringComparer.Ordinal)
                )
        );
    }
}
