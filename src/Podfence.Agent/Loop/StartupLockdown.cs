using Podfence.Compilation;
using Podfence.Dataplane;
using Podfence.Model;
using Podfence.Rulesets;

namespace Podfence.Agent;

/// <summary>
/// Closes a node that has just booted. Its kernel holds no rules, and its pods may run before the agent has heard of everything; where unknown addresses are to be refused, all are
/// unknown until then. It is written as soon as the node's own ranges are known, and only where nothing of ours is in the kernel: it can refuse more, and open nothing.
/// </summary>
internal sealed class StartupLockdown(ClusterState state, string nodeName, IDataplane dataplane, CompilerOptions options, IReconcileListener listener)
{
    private bool _isOver = options.Ruleset.UnknownPodIps == UnknownPodIps.Allow;

    /// <summary>Writes it when it is time, once. A refusal is told; it is not tried again, as everything is written soon.</summary>
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
                dataplane.Guard(new NodeCompiler(alone, nodeName, options).Snapshot());
            }
        }
        catch (DataplaneException failure)
        {
            listener.Failed(ReconcileStep.Write, failure, TimeSpan.Zero);
        }
    }
}
