using System.Text;

namespace Podfence.Bench;

/// <summary>
/// What the page opens with: three sentences and a table of ten rows, made of the figures of the run.
/// </summary>
/// <param name="figures">All figures by section and id, as in results.json.</param>
internal sealed class Headline(IReadOnlyDictionary<string, Figure> figures)
{
    private const string Load = "dataplanes/policies-10000";

    /// <summary>Three sentences; empty where a figure was not measured.</summary>
    public string Sentences()
    {
        var text = new StringBuilder();
        if (Has("connections/IPv4/cpu", "connections/IPv6/cpu"))
        {
            var (four, six) = (Percent("connections/IPv4/cpu"), Percent("connections/IPv6/cpu"));
            text.AppendLine(
                $"A node with 250 fenced pods in a cluster of 10,000 policies opens new connections at "
                    + $"{(four == six ? four : $"{six} to {four}")} of the rate without a fence."
            );
        }

        if (Has("agent/scale/100000/p50", "agent/scale/100000/settled"))
        {
            text.AppendLine(
                $"A change reaches the kernel {Value("agent/scale/100000/p50")} after the API server has it, and "
                    + $"the agent needs {Value("agent/scale/100000/settled")} of memory, in a cluster of 100,000 pods."
            );
        }

        if (Has($"{Load}/nftables/policy", $"{Load}/iptables-nft/policy", $"{Load}/article/policy"))
        {
            text.AppendLine(
                $"With 10,000 policies on 100 pods, changing one policy takes {Value($"{Load}/nftables/policy")} "
                    + $"over nftables, {Value($"{Load}/iptables-nft/policy")} over iptables-nft, and "
                    + $"{Value($"{Load}/article/policy")} with one rule per pair of addresses."
            );
        }

        return text.ToString();
    }

    /// <summary>Ten rows, without those that were not measured.</summary>
    public Table Table()
    {
        var table = new Table(["what", "Podfence", "compared with"]);
        Add(table, "new connections, 250 fenced pods, IPv4", "connections/IPv4/cpu", "the rate without a fence");
        Add(
            table,
            "new connections, one pod, 1,000 policies",
            "rules/peers-and-ports/cpu",
            "the rate without a fence; rule by rule: {0}",
            "rules/peers-and-ports/linear"
        );
        Add(
            table,
            "new connections, 10,000 policies on 100 pods",
            $"{Load}/nftables/cpu",
            "the rate without rules; one rule per pair: {0}",
            $"{Load}/article/cpu"
        );
        Add(table, "bulk throughput, packets of 1,500 bytes", "bulk/small/cpu", "the rate without a fence");
        Add(
            table,
            "a policy added or removed, nftables",
            $"{Load}/nftables/policy",
            "iptables-nft {0}, iptables-legacy {1}",
            $"{Load}/iptables-nft/policy",
            $"{Load}/iptables-legacy/policy"
        );
        Add(
            table,
            "a peer of 100 policies added or removed, nftables",
            $"{Load}/nftables/peer",
            "iptables-nft {0}, one rule per pair {1}",
            $"{Load}/iptables-nft/peer",
            $"{Load}/article/peer"
        );
        Add(
            table,
            "API event to kernel, 100,000 pods, p50",
            "agent/scale/100000/p50",
            "p99 {0}; with 1,000 pods p50 {1}",
            "agent/scale/100000/p99",
            "agent/scale/1000/p50"
        );
        Add(
            table,
            "memory of the agent, 100,000 pods",
            "agent/scale/100000/settled",
            "10,000 pods: {0}",
            "agent/scale/10000/settled"
        );
        Add(
            table,
            "request for a policy to changed packets, 1,000 others",
            "agent/live/1000/made",
            "kube-router 2.11 (iptables), another machine: 3.3 s"
        );
        Add(
            table,
            "matrix of 10,000 pods, pod by pod",
            "matrix/Pod/seconds",
            "pair by pair: {0} times that",
            "matrix/Pod/cheaper"
        );
        return table;
    }

    private void Add(Table table, string what, string id, string comparison, params string[] others)
    {
        if (Has([id, .. others]))
        {
            table.Add(
                what,
                $"**{Value(id)}**",
                string.Format(System.Globalization.CultureInfo.InvariantCulture, comparison, [.. others.Select(Value)])
            );
        }
    }

    private bool Has(params IEnumerable<string> ids) => ids.All(figures.ContainsKey);

    private string Percent(string id) => $"{figures[id].Value:0 %}";

    private string Value(string id)
    {
        var figure = figures[id];
        return figure.Unit switch
        {
            "" when id.EndsWith("/cheaper", StringComparison.Ordinal) => Text.Significant(figure.Value),
            "" when figure.Value > 1 => "100 %, within noise",
            "" => Percent(id),
            "s" => Text.Seconds(figure.Value),
            "B" => Text.Bytes(figure.Value),
            var unit => $"{Text.Rounded(figure.Value, figure.Low, figure.High)} {unit}",
        };
    }
}
