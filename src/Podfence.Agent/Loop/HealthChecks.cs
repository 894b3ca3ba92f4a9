using Podfence.Compilation;
using Podfence.Dataplane;

namespace Podfence.Agent;

/// <summary>Asks the conditions without which the fence has holes. One that fails is told, and asked again later and later.</summary>
internal sealed class HealthChecks(IReadOnlyList<IHealthCheck> checks, NodeCompiler compiler, IReconcileListener listener, Backoff backoff)
{
    /// <summary>How long until they are to be asked again; zero while all hold.</summary>
    public TimeSpan Wait => backoff.Wait;

    /// <summary>Asks them.</summary>
    /// <returns>Whether all hold.</returns>
    public bool Holds()
    {
        try
        {
            if (checks.Count > 0)
            {
                var endpoints = compiler.Endpoints;
                foreach (var check in checks)
                {
                    check.Check(endpoints);
                }
            }
        }
        catch (DataplaneException failure)
        {
            listener.Failed(ReconcileStep.Check, failure, backoff.Fail());
            return false;
        }

        if (backoff.Reset())
        {
            listener.Recovered(ReconcileStep.Check);
        }

        return true;
    }
}
