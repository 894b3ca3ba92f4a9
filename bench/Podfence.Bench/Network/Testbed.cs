using Podfence.Dataplane.Nftables;
using Podfence.Lab;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Bench;

/// <summary>
/// Three namespaces in a row: callers, the node that forwards and fences, the pods. Callers and pods are one namespace
/// each with as many addresses as are needed, because the fence tells pods by address, and a cable per pod would
/// measure nothing of it.
/// </summary>
internal sealed class Testbed : IDisposable
{
    /// <summary>Addresses of local pods; every other address is a caller's.</summary>
    public const string PodsV4 = "10.64.0.0/24";

    /// <summary>The same in IPv6.</summary>
    public const string PodsV6 = "fd64::/64";

    private readonly NetworkNamespace _node;

    private Testbed(NetworkNamespace callers, NetworkNamespace node, NetworkNamespace pods)
    {
        Callers = callers;
        _node = node;
        Pods = pods;
        Kernel = node.Run(static () => NetlinkKernel.Open());
        Dataplane = new NftablesDataplane(Kernel);
    }

    public NetworkNamespace Callers { get; }

    /// <summary>The node between them.</summary>
    public NetworkNamespace Node => _node;

    public NetworkNamespace Pods { get; }

    /// <summary>The packet filter of the node.</summary>
    public NetlinkKernel Kernel { get; }

    public NftablesDataplane Dataplane { get; }

    public static async Task<Testbed> CreateAsync(CancellationToken cancel)
    {
        var callers = NetworkNamespace.Create("bench callers");
        var node = NetworkNamespace.Create("bench node");
        var pods = NetworkNamespace.Create("bench pods");
        node.Configure([.. Sysctls.Node(new LabNetworkOptions())]);
        // A machine's default may be one that sends by the clock, which would measure the clock.
        KeyValuePair<string, string> unpaced = new("ipv4/tcp_congestion_control", "reno");
        callers.Configure([.. Sysctls.External, unpaced]);
        pods.Configure([.. Sysctls.External, unpaced]);
        await VethPair.ConnectAsync(
            node,
            "callers",
            ["169.254.1.1/30", "fe80::1/64"],
            callers,
            "node",
            ["169.254.1.2/30", "fe80::2/64"],
            cancel
        );
        await VethPair.ConnectAsync(
            node,
            "pods",
            ["169.254.2.1/30", "fe80::1/64"],
            pods,
            "node",
            ["169.254.2.2/30", "fe80::2/64"],
            cancel
        );
        // Any address of these blocks is local, without one entry for each.
        await IpTool.RunAsync(
            callers,
            [
                "link set lo up",
                "route add local 10.0.0.0/8 dev lo",
                "route add local fd00::/8 dev lo",
                $"route add {PodsV4} via 169.254.1.1",
                $"route add {PodsV6} via fe80::1 dev node",
            ],
            cancel
        );
        await IpTool.RunAsync(
            pods,
            [
                "link set lo up",
                $"route add local {PodsV4} dev lo",
                $"route add local {PodsV6} dev lo",
                "route add default via 169.254.2.1",
                "route add default via fe80::1 dev node",
            ],
            cancel
        );
        // The table of local routes is asked first, for every address: in the callers' namespace the pods have to be
        // taken out of it.
        await IpTool.RunAsync(
            callers,
            IpFamily.IPv4,
            ["rule add pref 10 lookup local", "rule del pref 0", $"rule add pref 5 to {PodsV4} lookup main"],
            cancel
        );
        await IpTool.RunAsync(
            callers,
            IpFamily.IPv6,
            ["rule add pref 10 lookup local", "rule del pref 0", $"rule add pref 5 to {PodsV6} lookup main"],
            cancel
        );
        await IpTool.RunAsync(
            node,
            [
                "link set lo up",
                $"route add {PodsV4} via 169.254.2.2",
                $"route add {PodsV6} via fe80::2 dev pods",
                "route add 10.0.0.0/8 via 169.254.1.2",
                "route add fd00::/8 via fe80::2 dev callers",
            ],
            cancel
        );
        // Resets end connections at once; what conntrack remembers of them must not fill its table over the minutes
        // that this takes.
        node.Configure([new("netfilter/nf_conntrack_tcp_timeout_close", "1")]);
        return new Testbed(callers, node, pods);
    }

    /// <summary>The path without a fence: conntrack works, and one rule asks it, as in ours.</summary>
    public void LoadBaseline()
    {
        NftChain Chain(string name, HookPoint point) =>
            new(
                name,
                new NftHook(point, -10),
                [new NftRule([new EstablishedMatch(), new VerdictStatement(NftVerdict.Accept)])]
            );
        List<NftOperation> operations = [new AddTable(), new DeleteTable(), new AddTable()];
        foreach (var chain in (NftChain[])[Chain("forward", HookPoint.Forward), Chain("input", HookPoint.Input)])
        {
            operations.Add(new AddChain(chain));
            operations.Add(new AddRules(chain.Name, chain.Rules));
        }

        Kernel.Run(operations);
    }

    /// <summary>The path with a fence.</summary>
    public void Load(Ruleset ruleset) => Dataplane.Replace(ruleset);

    /// <summary>Sets a property of every device on the way.</summary>
    public async Task SetLinksAsync(string property, CancellationToken cancel)
    {
        await IpTool.RunAsync(_node, [$"link set callers {property}", $"link set pods {property}"], cancel);
        await IpTool.RunAsync(Callers, [$"link set node {property}"], cancel);
        await IpTool.RunAsync(Pods, [$"link set node {property}"], cancel);
    }

    public void Dispose()
    {
        Dataplane.Dispose();
        Callers.Dispose();
        Pods.Dispose();
        _node.Dispose();
    }
}
