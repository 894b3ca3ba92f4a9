using Podfence.Dataplane.Nftables;
using Podfence.Lab;

namespace Podfence.Bench;

/// <summary>
/// A node's network namespace with a simulated API server in it, on its loopback address: no packet leaves it. Agents
/// come and go.
/// </summary>
internal sealed class AgentBed : IDisposable
{
    private readonly NetworkNamespace _node;

    private AgentBed(NetworkNamespace node, SimulatorProcess server) => (_node, Server) = (node, server);

    public SimulatorProcess Server { get; }

    public static async Task<AgentBed> CreateAsync(AgentCluster cluster, CancellationToken cancel)
    {
        var node = NetworkNamespace.Create("bench node");
        try
        {
            await IpTool.RunAsync(node, ["link set lo up"], cancel);
            return new AgentBed(node, await SimulatorProcess.StartAsync(node, cluster, cancel));
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    /// <summary>An agent in a kernel that has nothing of ours, when it is ready.</summary>
    public async Task<NativeAgent> StartAgentAsync(CancellationToken cancel)
    {
        using (var dataplane = new NftablesDataplane(_node.Run(static () => NetlinkKernel.Open())))
        {
            dataplane.Cleanup();
        }

        await Server.ForgetAsync(cancel);
        return await NativeAgent.StartAsync(_node, Server.Kubeconfig, cancel);
    }

    /// <summary>Listens to its kernel.</summary>
    public KernelWatch Watch() => new(_node);

    public void Dispose()
    {
        Server.Dispose();
        _node.Dispose();
    }
}
