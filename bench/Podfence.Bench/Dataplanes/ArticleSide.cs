using System.Text;
using Podfence.Dataplane;
using Podfence.Dataplane.Iptables;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>
/// The design of the article that Podfence started from, to the letter: one rule per pair of addresses and port in a
/// chain per policy, a chain per pod that tries its policies in turn and ends in a refusal, and two rules per pod in
/// FORWARD, for what is bridged and for what is routed. No sets, no shortcut for established packets.
/// </summary>
/// <remarks>
/// Changes are given to one run of iptables-restore with the changed rules alone, which is the least that such a
/// controller can do.
/// </remarks>
internal sealed class ArticleSide(PolicyLoad load, INetworkNamespace place) : ISide
{
    private const string Restore = "iptables-legacy-restore";
    private const string NewChain = "KUBE-NWPLCY-NEWCOMER";
    private readonly ToolRunner _tools = new(place);

    public string Name => "one rule per pair";

    public int Rules => Script().Count(static line => line.StartsWith("-A", StringComparison.Ordinal));

    public void Load() => Run(Script());

    public void ChangePeer(bool comes) =>
        Run(
            Enumerable
                .Range(0, load.Policies)
                .Where(policy => PolicyLoad.Meaning(policy, load.Pods).Group == 0)
                .Select(policy =>
                    $"-{(comes ? 'A' : 'D')} "
                    + $"{Allow(Chain(policy), PolicyLoad.Newcomer.Addresses[0], PolicyLoad.Meaning(policy, load.Pods).Pod, PolicyLoad.Port)}"
                )
        );

    public void ChangePolicy(bool comes)
    {
        var pod = PolicyLoad.Meaning(0, load.Pods).Pod;
        Run(
            comes
                ?
                [
                    $":{NewChain} - [0:0]",
                    .. PolicyLoad.Members(7).Select(peer => $"-A {Allow(NewChain, peer, pod, 9090)}"),
                    $"-I {Chain(pod)} 1 -j {NewChain}",
                ]
                : [$"-D {Chain(pod)} -j {NewChain}", $"-F {NewChain}", $"-X {NewChain}"]
        );
    }

    public void Unload() => Run(["-F", "-X"]);

    public void Dispose() { }

    private static string Chain(int policy) => $"KUBE-NWPLCY-{policy}";

    private static string Chain(IpAddress pod) => $"KUBE-POD-FW-{pod}";

    private static string Allow(string chain, IpAddress peer, IpAddress pod, int port) =>
        $"{chain} -s {peer} -d {pod} -p tcp --dport {port} -j ACCEPT";

    private List<string> Script()
    {
        var chains = new List<string>();
        var rules = new List<string>();
        var policies = Enumerable.Range(0, load.Policies).ToLookup(policy => PolicyLoad.Meaning(policy, load.Pods).Pod);
        foreach (var pod in policies)
        {
            chains.Add($":{Chain(pod.Key)} - [0:0]");
            rules.Add($"-A FORWARD -m physdev --physdev-is-bridged -d {pod.Key} -j {Chain(pod.Key)}");
            rules.Add($"-A FORWARD -d {pod.Key} -j {Chain(pod.Key)}");
            foreach (var policy in pod)
            {
                chains.Add($":{Chain(policy)} - [0:0]");
                rules.Add($"-A {Chain(pod.Key)} -j {Chain(policy)}");
                rules.AddRange(
                    PolicyLoad
                        .Members(PolicyLoad.Meaning(policy, load.Pods).Group)
                        .Select(peer => $"-A {Allow(Chain(policy), peer, pod.Key, PolicyLoad.Port)}")
                );
            }

            rules.Add($"-A {Chain(pod.Key)} -j REJECT --reject-with icmp-port-unreachable");
        }

        return [.. chains, .. rules];
    }

    private void Run(IEnumerable<string> lines)
    {
        var script = new StringBuilder("*filter\n");
        foreach (var line in lines)
        {
            script.Append(line).Append('\n');
        }

        var result = _tools.Run(Restore, ["--noflush", "-w", "20"], script.Append("COMMIT\n").ToString());
        if (result.ExitCode != 0)
        {
            throw new BenchException($"{Restore}: {result.Errors}");
        }
    }
}
