using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Tells everything that policy needs of a live cluster: pods, namespaces, nodes and policies, each by a <see cref="Reflector"/> of its own, at the same time.
/// Events of one kind come in their order; there is none between kinds.
/// </summary>
public sealed class ClusterSource
{
    private readonly List<Reflector> _reflectors;

    /// <summary>Makes a source; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="client">Speaks to the server; not disposed.</param>
    /// <param name="tell">Takes events, from several tasks at a time; may wait. ReconcileLoop.PostAsync is one.</param>
    /// <param name="listener">Hears how it goes, from several tasks at a time.</param>
    /// <param name="options">The pace; the defaults where absent.</param>
    /// <param name="time">The clock; the system's where absent. Events bear its timestamps.</param>
    public ClusterSource(
        KubeClient client,
        Func<ClusterEvent, CancellationToken, ValueTask> tell,
        IReflectorListener listener,
        ReflectorOptions? options = null,
        TimeProvider? time = null)
    {
        _reflectors = [.. WatchedKind.All.Select(kind => new Reflector(client, kind, tell, listener, options, time))];
        Synced = Task.WhenAll(_reflectors.Select(static reflector => reflector.Listed));
    }

    /// <summary>
    /// Ends when all objects of all kinds were told once: the moment for the first barrier. What was told has been taken by then. It never fails; where the source ends
    /// before, it stays open.
    /// </summary>
    public Task Synced { get; }

    /// <summary>Runs until cancelled; once.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="Exception">What telling or the listener threw. The other kinds are ended then too.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = _reflectors.ConvertAll(reflector => reflector.RunAsync(end.Token));
        var first = await Task.WhenAny(running).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }
}
