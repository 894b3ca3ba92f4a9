using System.Security.Cryptography;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Follows all objects of one kind: lists them, then watches for changes, and begins again as far back as it has to. It tells whole objects only, and no object is gone
/// that the server did not remove: see docs/design/kubernetes.md. Versions are never compared, only handed back.
/// </summary>
public sealed class Reflector
{
    private readonly ReflectorContext _parts;
    private readonly WatchedKind _kind;
    private readonly Func<ClusterEvent, CancellationToken, ValueTask> _tell;
    private readonly IReflectorListener _listener;
    private readonly ReflectorOptions _options;
    private readonly TimeProvider _time;
    private readonly RetryPace _pace;
    private readonly EventReader _events;
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Where the watch goes on; null where everything has to be listed.
    private string? _version;
    private bool _mayStream;
    private bool _isLimited = true;
    private bool _isInList;

    // Since when the server is not heard; null while it is.
    private long? _lostAt;

    // Since when it is heard without a failure.
    private long? _heardSince;
    private bool _isDoubtful;

    /// <summary>Makes a reflector; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="client">Speaks to the server; not disposed.</param>
    /// <param name="kind">What is followed.</param>
    /// <param name="tell">Takes events, one after the other; may wait.</param>
    /// <param name="listener">Hears how it goes.</param>
    /// <param name="options">The pace; the defaults where absent.</param>
    /// <param name="time">The clock; the system's where absent.</param>
    /// <param name="seed">For the lengths that are drawn; a random one where absent.</param>
    public Reflector(
        KubeClient client,
        WatchedKind kind,
        Func<ClusterEvent, CancellationToken, ValueTask> tell,
        IReflectorListener listener,
        ReflectorOptions? options = null,
        TimeProvider? time = null,
        int? seed = null)
    {
        _kind = kind;
        _tell = tell;
        _listener = listener;
        _options = options ?? new ReflectorOptions();
        _time = time ?? TimeProvider.System;
        _mayStream = _options.StreamLists;
        var random = new Random(seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        _parts = new ReflectorContext(client, kind, tell, listener, _options, _time, new ListWatchUrls(kind, _options, random), new EventDecoder(kind, listener));
        _pace = new RetryPace(_options, random);
        _events = new EventReader(kind, _parts.Teller, listener);
    }

    /// <summary>Ends when all objects were told for the first time.</summary>
    public Task Listed => _listed.Task;

    /// <summary>Runs until cancelled; once. Whatever the server and the network do is no reason to end.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="Exception">What telling or the listener threw.</exception>
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
        if (_lostAt is { } lost && _time.GetElapsedTime(lost) >= _options.OutageBeforeList)
        {
            _version = null;
        }

        _isInList = _version is null;
        if (_version is not null)
        {
            await WatchAsync(_parts.Queries.Watch(_version, out var length), length, cancellationToken).ConfigureAwait(false);
        }
        else if (_mayStream)
        {
            await WatchAsync(_parts.Queries.StreamedList(out var length), length, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var (report, version) = await new PagedList(_parts).TellAsync(_isLimited, cancellationToken).ConfigureAwait(false);
            await EndListAsync(report, version, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RecoverAsync(KubeException failure, CancellationToken cancellationToken)
    {
        var wasList = _isInList;
        if (wasList && _mayStream && failure is { Reason: KubeError.Refused })
        {
            // A server that has no streamed lists says so in this way; the same pages would be refused to everybody.
            _mayStream = false;
            _listener.Interrupted(_kind.Name, new WatchFailure(failure, IsList: true, Relists: true, TimeSpan.Zero));
            return;
        }

        if (_heardSince is { } since && _time.GetElapsedTime(since) >= _options.HealthyAfter)
        {
            _pace.Reset();
        }

        _heardSince = null;
        var isPast = failure.Reason is KubeError.Gone or KubeError.VersionTooLarge;
        if (isPast)
        {
            // Pages that are compacted away faster than they can be read have to come at once.
            _isLimited = !wasList;
            _version = null;
        }
        else
        {
            _lostAt ??= _time.GetTimestamp();
        }

        if (_isDoubtful)
        {
            _isDoubtful = false;
            _version = null;
        }

        var wait = _pace.Fail(atOnce: isPast, failure.RetryAfter);
        _listener.Interrupted(_kind.Name, new WatchFailure(failure, wasList, _version is null, wait));
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    // A server that was restored takes a watch from a version that it has not reached yet, and then says nothing of changes until it has. It is asked once the watch
    // is there: a server that is restored after that breaks the watch.
    private async Task ProbeAsync(string version, CancellationToken cancellationToken)
    {
        try
        {
            await _parts.Client.GetAsync(_parts.Queries.Probe(version), cancellationToken).ConfigureAwait(false);
        }
        catch (KubeException failure) when (failure.Reason is KubeError.Refused)
        {
            // It does not know such a question, so the watch itself has to show.
        }
    }

    private async Task WatchAsync(string path, TimeSpan length, CancellationToken cancellationToken)
    {
        using var reader = await _parts.OpenAsync(path, new LineSplitter(_options.MaxObject), acceptGzip: false, cancellationToken).ConfigureAwait(false);
        var watch = new WatchSession(_time, _options, length);
        if (_isInList)
        {
            await _tell(_parts.Teller.BeginList(watch.Began), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            if (_lostAt is not null)
            {
                await ProbeAsync(_version!, cancellationToken).ConfigureAwait(false);
            }

            Start();
        }

        while (true)
        {
            var cut = reader.Next(out var frame);
            if (cut is Cut.Frame or Cut.Oversized)
            {
                var heard = cut == Cut.Frame ? _events.Read(frame, reader.ReceivedAt) : _events.ReadOversized(frame, reader.ReceivedAt);
                await HearAsync(heard, watch, cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                if (watch.IsOver || !await reader.ReadAsync(_isInList ? watch.ListPatience(reader.Waited) : watch.Patience).ConfigureAwait(false))
                {
                    break;
                }
            }
            catch (TimeoutException) when (_isDoubtful && watch.IsOver)
            {
                break;
            }
            catch (TimeoutException)
            {
                // Of a streamed list: either the server does not know what that is, or it is too busy for one.
                _mayStream &= !_isInList;
                throw ReflectorContext.Silent(path);
            }
        }

        End(reader, watch, path);
    }

    private async Task HearAsync(Heard heard, WatchSession watch, CancellationToken cancellationToken)
    {
        if (heard.Failure is not null)
        {
            throw heard.Failure;
        }

        if (_isInList && heard.IsDoubtful)
        {
            // To end such a list would be to say that an object is gone that is only unreadable.
            throw new KubeException(KubeError.BadAnswer, $"watch {_kind.Path}: an event of the list is not readable");
        }

        watch.Heard(heard);
        _isDoubtful |= heard.IsDoubtful;
        if (heard.Event is not null)
        {
            await _tell(heard.Event, cancellationToken).ConfigureAwait(false);
        }

        if (!_isInList)
        {
            // After telling: what was not told has to come again.
            if (heard.Version is { } version)
            {
                _version = version;
                _listener.Advanced(_kind.Name, version);
            }
        }
        else if (heard.EndsList)
        {
            var listed = heard.Version ?? throw new KubeException(KubeError.BadAnswer, $"watch {_kind.Path}: the list states no version");
            await EndListAsync(new ListReport(watch.Objects, Streamed: true, watch.Elapsed), listed, cancellationToken).ConfigureAwait(false);
            _isInList = false;
            Start();
        }
    }

    private void Start()
    {
        _lostAt = null;
        _heardSince ??= _time.GetTimestamp();
        _listener.WatchStarted(_kind.Name);
    }

    private void End(FrameReader reader, WatchSession watch, string path)
    {
        if (_isInList || (reader.HasRest && !watch.IsOver))
        {
            throw new KubeException(KubeError.ConnectionLost, $"GET {path}: the {(_isInList ? "list" : "last event")} broke off");
        }

        if (_isDoubtful)
        {
            _isDoubtful = false;
            _version = null;
        }
        else if (watch.IsIdle)
        {
            throw new KubeException(KubeError.ConnectionLost, $"GET {path}: the watch ended as it had begun");
        }

        _listener.WatchEnded(_kind.Name);
    }

    private async Task EndListAsync(ListReport report, string version, CancellationToken cancellationToken)
    {
        await _tell(new ListEnded(_kind.Name) { ReceivedAt = _time.GetTimestamp() }, cancellationToken).ConfigureAwait(false);
        (_version, _isLimited, _isDoubtful, _lostAt) = (version, true, false, null);
        _listener.Listed(_kind.Name, report);
        _listener.Advanced(_kind.Name, version);
        _listed.TrySetResult();
    }
}
