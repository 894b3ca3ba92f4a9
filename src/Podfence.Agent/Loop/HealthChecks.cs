using Podfence.Base;
using Podfence.Compilation;
using Podfence.Dataplane;

namespace Podfence.Agent;

/// <summary>Runs the health checks. A failure is reported, and the next check backs off.</summary>
internal sealed class HealthChecks(
    IReadOnlyList<HealthCheck> checks,
    NodeCompiler compiler,
    IReconcileListener listener,
    Backoff backoff
)
{
    /// <summary>The time until they are due again; zero while all pass.</summary>
    public TimeSpan Wait => backoff.Wait;

    /// <returns>Whether all pass.</returns>
    public bool Pass()
    {
        try
        {
            if (checks.Count > 0)
            {
                var addresses = compiler.Endpoints.Keys;
                foreach (var check in checks)
                {
                    check(addresses);
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
