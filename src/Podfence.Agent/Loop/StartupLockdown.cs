using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent;

/// <summary>
/// Denies the pod addresses of a node that has just booted, if unknown pod IPs are to be denied. The kernel has no
/// rules yet, and pods may run before all sources have synced: until then every pod IP is unknown. The lockdown is
/// written as soon as the node's pod CIDRs are known, and only if the kernel holds no rules of Podfence: it never
/// allows more.
/// </summary>
internal sealed class StartupLockdown(
    ClusterState state,
    string nodeName,
    IDataplane dataplane,
    CompilerOptions options,
    IReconcileListener listener
)
{
    private bool _isOver = options.Ruleset.UnknownPodIps == UnknownPodIps.Allow;

    /// <summary>
    /// Writes it once, when it is due. A failure is reported and not retried, because everything is written soon.
    /// </summary>
    public void Step()
    {
        if (_isOver || !state.Nodes.TryGetValue(nodeName, out var node) || node.PodCidrs.IsEmpty)
        {
            return;
        }

        _isOver = true;
        try
        {
            if (!dataplane.IsPresent())
            {
                var alone = new ClusterState();
                alone.Upsert(node);
                dataplane.LockDown(new NodeCompiler(alone, nodeName, options).Snapshot());
            }
        }
        catch (DataplaneException failure)
        {
            listener.Failed(ReconcileStep.Write, failure, TimeSpan.Zero);
        }
    }
}
