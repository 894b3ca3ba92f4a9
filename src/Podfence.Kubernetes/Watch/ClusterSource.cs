using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Emits all that policy needs of a live cluster: pods, namespaces, nodes and policies, each by a
/// <see cref="Reflector"/> of its own, at the same time. Events of one kind are in order; between kinds there is no
/// order.
/// </summary>
public sealed class ClusterSource
{
    private readonly List<Reflector> _reflectors;

    /// <summary>Makes a source; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="client">The API client; not disposed.</param>
    /// <param name="emit">
    /// Takes events, from several tasks at a time; may wait, as ReconcileLoop.PostAsync does.
    /// </param>
    /// <param name="listener">Observes the reflectors, from several tasks at a time.</param>
    /// <param name="options">Timing and limits; the defaults if null.</param>
    /// <param name="time">The clock of the events' timestamps; the system's if null.</param>
    public ClusterSource(
        KubeClient client,
        Func<ClusterEvent, CancellationToken, ValueTask> emit,
        IReflectorListener listener,
        ReflectorOptions? options = null,
        TimeProvider? time = null
    )
    {
        _reflectors = [.. WatchedKind.All.Select(kind => new Reflector(client, kind, emit, listener, options, time))];
        Synced = Task.WhenAll(_reflectors.Select(static reflector => reflector.Listed));
    }

    /// <summary>
    /// Completes when all objects of all kinds have been emitted and taken once: the moment for the first sync point.
    /// It never fails; if the source ends before, it stays incomplete.
    /// </summary>
    public Task Synced { get; }

    /// <summary>Runs until cancelled; once.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="Exception">What the event receiver or the listener threw. All kinds end then.</exception>
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
