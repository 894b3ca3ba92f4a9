using System.Security.Cryptography;
using Podfence.Model;

namespace Podfence.Kubernetes;

/// <summary>
/// Follows all objects of one kind: lists them, then watches for changes, and begins again as far back as it has to. It tells whole objects only, and no object is gone
/// that the server did not remove: see docs/kubernetes.md. Versions are never compared, only handed back.
/// </summary>
public sealed class Reflector
{
    private readonly KubeClient _client;
    private readonly WatchedKind _kind;
    private readonly Func<ClusterEvent, CancellationToken, ValueTask> _tell;
    private readonly IReflectorListener _listener;
    private readonly ReflectorOptions _options;
    private readonly TimeProvider _time;
    private readonly KubeQueries _queries;
    private readonly RetryPace _pace;
    private readonly ObjectTeller _teller;
    private readonly EventReader _events;
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Where the watch goes on; null where everything has to be listed.
    private string? _version;
    private bool _mayStream;
    private bool _isLimited = true;
    private bool _isInList;

    // Since when the server is not heard; null while it is.
    private long? _lostAt;
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
        _client = client;
        _kind = kind;
        _tell = tell;
        _listener = listener;
        _options = options ?? new ReflectorOptions();
        _time = time ?? TimeProvider.System;
        _mayStream = _options.StreamLists;
        var random = new Random(seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        _queries = new KubeQueries(kind, _options, random);
        _pace = new RetryPace(_options, random);
        _teller = new ObjectTeller(kind, listener);
        _events = new EventReader(kind, _teller, listener);
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
        if (_version is not null && _lostAt is { } lost)
        {
            if (_time.GetElapsedTime(lost) >= _options.OutageBeforeList)
            {
                _version = null;
            }
            else
            {
                await ProbeAsync(_version, cancellationToken).ConfigureAwait(false);
            }
        }

        _isInList = _version is null;
        if (_version is not null)
        {
            await WatchAsync(_queries.Watch(_version, out var length), length, cancellationToken).ConfigureAwait(false);
        }
        else if (_mayStream)
        {
            await WatchAsync(_queries.StreamedList(out var length), length, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await ListAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RecoverAsync(KubeException failure, CancellationToken cancellationToken)
    {
        var wasList = _isInList;
        if (wasList && _mayStream && failure is { Reason: KubeError.Refused })
        {
            // A server that has no streamed lists says so in this way; the same pages would be refused to everybody.
            _mayStream = false;
            _listener.Interrupted(_kind.Name, new Interruption(failure, IsList: true, Relists: true, TimeSpan.Zero));
            return;
        }

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
        _listener.Interrupted(_kind.Name, new Interruption(failure, wasList, _version is null, wait));
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    // A server that was restored takes a version that it has not reached yet, and then says nothing of changes until it has.
    private async Task ProbeAsync(string version, CancellationToken cancellationToken)
    {
        try
        {
            await _client.GetAsync(_queries.Probe(version), cancellationToken).ConfigureAwait(false);
        }
        catch (KubeException failure) when (failure.Reason is KubeError.Refused)
        {
            // It does not know such a question, so the watch itself has to show.
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        var count = 0;
        string? next = null;
        string? version = null;
        await _tell(_teller.BeginList(began), cancellationToken).ConfigureAwait(false);
        do
        {
            var path = _queries.Page(next, _isLimited);
            var cutter = new ListCutter(_options.MaxObject);
            using var reader = await OpenAsync(path, cutter, acceptGzip: true, cancellationToken).ConfigureAwait(false);
            count += await TellPageAsync(reader, path, cancellationToken).ConfigureAwait(false);
            (var stated, next) = ListMetadata.Read(cutter.Metadata);
            version = stated ?? throw new KubeException(KubeError.BadAnswer, $"GET {path}: the list states no version");
        }
        while (next is not null);

        await EndListAsync(new ListReport(count, Streamed: false, _time.GetElapsedTime(began)), version, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> TellPageAsync(FrameReader reader, string path, CancellationToken cancellationToken)
    {
        var count = 0;
        while (true)
        {
            var cut = reader.Next(out var frame);
            switch (cut)
            {
                case Cut.Frame or Cut.Oversized:
                    var isBroken = false;
                    var told = cut == Cut.Frame ? _teller.Upsert(frame, reader.ReceivedAt, out _, out isBroken) : _teller.Oversized(frame, reader.ReceivedAt, out _);
                    if (isBroken)
                    {
                        // To go on would be to say that an object is gone that is only unreadable.
                        throw new KubeException(KubeError.BadAnswer, $"GET {path}: an object of the list is no JSON");
                    }

                    count++;
                    if (told is not null)
                    {
                        await _tell(told, cancellationToken).ConfigureAwait(false);
                    }

                    break;
                case Cut.Broken:
                    throw new KubeException(KubeError.BadAnswer, $"GET {path}: the answer is no list");
                default:
                    if (!await ReadPageAsync(reader, path).ConfigureAwait(false))
                    {
                        return cut == Cut.End ? count : throw new KubeException(KubeError.ConnectionLost, $"GET {path}: the list broke off");
                    }

                    break;
            }
        }
    }

    private async Task WatchAsync(string path, TimeSpan length, CancellationToken cancellationToken)
    {
        using var reader = await OpenAsync(path, new LineCutter(_options.MaxObject), acceptGzip: false, cancellationToken).ConfigureAwait(false);
        var isHealthy = false;
        var watch = new WatchRun(_time, _options, length);
        if (_isInList)
        {
            await _tell(_teller.BeginList(watch.Began), cancellationToken).ConfigureAwait(false);
        }
        else
        {
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

            if (!isHealthy && !_isInList && watch.HasLasted(_options.HealthyAfter))
            {
                isHealthy = true;
                _pace.Reset();
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
                throw Silent(path);
            }
        }

        End(reader, watch, path);
    }

    private async Task HearAsync(Heard heard, WatchRun watch, CancellationToken cancellationToken)
    {
        if (heard.Failure is not null)
        {
            throw heard.Failure;
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
        _listener.WatchStarted(_kind.Name);
    }

    private void End(FrameReader reader, WatchRun watch, string path)
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

    private async Task<FrameReader> OpenAsync(string path, FrameCutter cutter, bool acceptGzip, CancellationToken cancellationToken) =>
        new(await _client.OpenAsync(path, acceptGzip, cancellationToken).ConfigureAwait(false), cutter, _time, bytes => _listener.BytesRead(_kind.Name, bytes), cancellationToken);

    private async ValueTask<bool> ReadPageAsync(FrameReader reader, string path)
    {
        try
        {
            return await reader.ReadAsync(_client.Options.BodyTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Silent(path);
        }
    }

    private static KubeException Silent(string path) => new(KubeError.Timeout, $"GET {path}: the server has gone silent");
}
