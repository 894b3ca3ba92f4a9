using System.Security.Cryptography;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Follows all objects of one kind: lists them, then watches for changes, and after a failure starts again from the
/// last version, or from a new list where that is necessary. It emits whole objects only, and reports an object as
/// deleted only if the server has deleted it: see docs/design/kubernetes.md. Versions are never compared, only sent
/// back.
/// </summary>
public sealed class Reflector
{
    // A proxy's Retry-After during maintenance must not keep an agent away for an hour.
    private static readonly TimeSpan s_maxRetryAfter = TimeSpan.FromSeconds(60);
    private readonly ReflectorContext _context;
    private readonly Backoff _backoff;
    private readonly EventReader _events;
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Where the watch continues; null if everything has to be listed.
    private string? _version;
    private bool _mayStream;
    private bool _isLimited = true;
    private bool _isInList;

    // Since when there has been no connection; null while there is one.
    private long? _disconnectedAt;

    // Since when there has been no failure.
    private long? _healthySince;
    private bool _mayHaveMissedEvents;

    /// <summary>Makes a reflector; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="client">The API client; not disposed.</param>
    /// <param name="kind">The kind to follow.</param>
    /// <param name="emit">Takes events, one at a time; may wait.</param>
    /// <param name="listener">Observes the reflector.</param>
    /// <param name="options">Timing and limits; the defaults if null.</param>
    /// <param name="time">The clock; the system's if null.</param>
    /// <param name="seed">Seed of the random watch lengths and waits; random if null.</param>
    public Reflector(
        KubeClient client,
        WatchedKind kind,
        Func<ClusterEvent, CancellationToken, ValueTask> emit,
        IReflectorListener listener,
        ReflectorOptions? options = null,
        TimeProvider? time = null,
        int? seed = null
    )
    {
        options ??= new ReflectorOptions();
        time ??= TimeProvider.System;
        var random = new Random(seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        var urls = new ListWatchUrls(kind, options, random);
        var decoder = new EventDecoder(kind, listener);
        _context = new ReflectorContext(client, kind, emit, listener, options, time, urls, decoder);
        _mayStream = options.StreamLists;
        _backoff = new Backoff(options.RetryInterval, options.MaxRetryInterval, time, random);
        _events = new EventReader(kind, decoder, listener);
    }

    /// <summary>Completes when all objects have been emitted for the first time.</summary>
    public Task Listed => _listed.Task;

    /// <summary>Runs until cancelled; once. No failure of the server or the network ends it.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="Exception">What the event receiver or the listener threw.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await StepAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (KubeException failure)
            {
                await RecoverAsync(failure, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (_disconnectedAt is { } since && _context.Time.GetElapsedTime(since) >= _context.Options.OutageBeforeList)
        {
            _version = null;
        }

        _isInList = _version is null;
        if (_version is not null)
        {
            var path = _context.Urls.Watch(_version, out var length);
            await WatchAsync(path, length, cancellationToken).ConfigureAwait(false);
        }
        else if (_mayStream)
        {
            var path = _context.Urls.StreamedList(out var length);
            await WatchAsync(path, length, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var list = new PagedList(_context);
            var (report, version) = await list.EmitAsync(_isLimited, cancellationToken).ConfigureAwait(false);
            await EndListAsync(report, version, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RecoverAsync(KubeException failure, CancellationToken cancellationToken)
    {
        var wasList = _isInList;
        if (wasList && _mayStream && failure is { Reason: KubeError.Rejected })
        {
            // A server without streamed lists rejects the request in this way; pages are asked for at once.
            _mayStream = false;
            var fallback = new WatchFailure(failure, IsList: true, Relists: true, TimeSpan.Zero);
            _context.Listener.Failed(_context.Kind.Name, fallback);
            return;
        }

        if (_healthySince is { } since && _context.Time.GetElapsedTime(since) >= _context.Options.HealthyAfter)
        {
            _backoff.Reset();
        }

        _healthySince = null;
        var isPast = failure.Reason is KubeError.Gone or KubeError.VersionTooLarge;
        if (isPast)
        {
            // Pages that are compacted faster than they can be read have to come in one response.
            _isLimited = !wasList;
            _version = null;
        }
        else
        {
            _disconnectedAt ??= _context.Time.GetTimestamp();
        }

        if (_mayHaveMissedEvents)
        {
            _mayHaveMissedEvents = false;
            _version = null;
        }

        var retryAfter = failure.RetryAfter > s_maxRetryAfter ? s_maxRetryAfter : failure.RetryAfter;
        var wait = _backoff.Fail(isFirstImmediate: isPast, retryAfter);
        _context.Listener.Failed(_context.Kind.Name, new WatchFailure(failure, wasList, _version is null, wait));
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _context.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WatchAsync(string path, TimeSpan length, CancellationToken cancellationToken)
    {
        var response = await _context
            .Client.OpenAsync(path, acceptGzip: false, cancellationToken)
            .ConfigureAwait(false);
        using var reader = new FrameReader(response, _context.Time, _context.CountBytes, cancellationToken);
        var splitter = new LineSplitter(_context.Options.MaxObject);
        var watch = new WatchSession(_context.Time, _context.Options, length);
        if (_isInList)
        {
            await _context.Emit(_context.Decoder.BeginList(watch.Began), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            if (_disconnectedAt is not null)
            {
                await _context.ProbeAsync(_version!, cancellationToken).ConfigureAwait(false);
            }

            BeginWatch();
        }

        while (true)
        {
            var status = splitter.Next(reader.Window, out var frame);
            if (status is FrameStatus.Frame or FrameStatus.Oversized)
            {
                var decoded =
                    status == FrameStatus.Frame
                        ? _events.Read(frame, reader.ReceivedAt)
                        : _events.ReadOversized(frame, reader.ReceivedAt);
                await HandleAsync(decoded, watch, cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                var timeout = _isInList ? watch.ListTimeout(reader.Waited) : watch.Timeout;
                if (watch.IsOver || !await reader.ReadAsync(timeout).ConfigureAwait(false))
                {
                    break;
                }
            }
            catch (TimeoutException) when (_mayHaveMissedEvents && watch.IsOver)
            {
                break;
            }
            catch (TimeoutException)
            {
                // In a streamed list: the server either does not know what that is, or is too busy for one.
                _mayStream &= !_isInList;
                throw KubeException.Silent(path);
            }
        }

        EndWatch(reader, watch, path);
    }

    private async Task HandleAsync(DecodedEvent decoded, WatchSession watch, CancellationToken cancellationToken)
    {
        if (decoded.Failure is not null)
        {
            throw decoded.Failure;
        }

        if (_isInList && decoded.MayHaveMissedEvents)
        {
            // To complete such a list would report an object as deleted that is only unreadable.
            throw InvalidResponse("an event of the list is not readable");
        }

        watch.Observe(decoded);
        _mayHaveMissedEvents |= decoded.MayHaveMissedEvents;
        if (decoded.Event is not null)
        {
            await _context.Emit(decoded.Event, cancellationToken).ConfigureAwait(false);
        }

        if (!_isInList)
        {
            // After the emit: an event that was not emitted has to come again.
            if (decoded.Version is { } version)
            {
                _version = version;
                _context.Listener.Advanced(_context.Kind.Name, version);
            }
        }
        else if (decoded.EndsList)
        {
            var listed = decoded.Version ?? throw InvalidResponse("the list has no resourceVersion");
            var report = new ListReport(watch.Objects, Streamed: true, watch.Elapsed);
            await EndListAsync(report, listed, cancellationToken).ConfigureAwait(false);
            _isInList = false;
            BeginWatch();
        }
    }

    private KubeException InvalidResponse(string problem) =>
        new(KubeError.InvalidResponse, $"watch {_context.Kind.Path}: {problem}");

    private void BeginWatch()
    {
        _disconnectedAt = null;
        _healthySince ??= _context.Time.GetTimestamp();
        _context.Listener.WatchStarted(_context.Kind.Name);
    }

    private void EndWatch(FrameReader reader, WatchSession watch, string path)
    {
        if (_isInList || (reader.IsTruncated && !watch.IsOver))
        {
            var what = _isInList ? "list" : "last event";
            throw new KubeException(KubeError.ConnectionLost, $"GET {path}: the {what} is truncated");
        }

        if (_mayHaveMissedEvents)
        {
            _mayHaveMissedEvents = false;
            _version = null;
        }
        else if (watch.IsIdle)
        {
            throw new KubeException(KubeError.ConnectionLost, $"GET {path}: the server ended the watch at once");
        }

        _context.Listener.WatchEnded(_context.Kind.Name);
    }

    private async Task EndListAsync(ListReport report, string version, CancellationToken cancellationToken)
    {
        var end = new ListEnded(_context.Kind.Name) { ReceivedAt = _context.Time.GetTimestamp() };
        await _context.Emit(end, cancellationToken).ConfigureAwait(false);
        (_version, _isLimited, _mayHaveMissedEvents, _disconnectedAt) = (version, true, false, null);
        _context.Listener.Listed(_context.Kind.Name, report);
        _context.Listener.Advanced(_context.Kind.Name, version);
        _listed.TrySetResult();
    }
}
