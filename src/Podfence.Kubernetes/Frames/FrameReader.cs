namespace Podfence.Kubernetes;

/// <summary>Reads a response as it arrives, with a limit on how long the server may be silent.</summary>
internal sealed class FrameReader : IDisposable
{
    private readonly KubeResponse _response;
    private readonly TimeProvider _time;
    private readonly Action<long> _bytesRead;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _caller;
    private long _counted;

    /// <summary>Makes a reader; it disposes of the response.</summary>
    public FrameReader(
        KubeResponse response,
        TimeProvider time,
        Action<long> bytesRead,
        CancellationToken cancellationToken
    )
    {
        _response = response;
        _time = time;
        _bytesRead = bytesRead;
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, cancellationToken);
        _caller = cancellationToken;
        ReceivedAt = time.GetTimestamp();
    }

    /// <summary>The bytes that were read, for a <see cref="FrameSplitter"/>.</summary>
    public ByteWindow Window { get; } = new();

    /// <summary>When the last bytes arrived.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>Total time spent waiting for bytes.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Whether the response ended within an object.</summary>
    public bool IsTruncated => !Window.Buffered.IsEmpty;

    /// <summary>Reads more bytes.</summary>
    /// <returns>False at the end of the response.</returns>
    /// <exception cref="TimeoutException">No bytes arrived in time.</exception>
    /// <exception cref="KubeException">The connection broke.</exception>
    public async ValueTask<bool> ReadAsync(TimeSpan timeout)
    {
        var began = _time.GetTimestamp();
        _silence.CancelAfter(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero);
        try
        {
            var read = await _response.ReadAsync(Window.GetMemory(), _either.Token).ConfigureAwait(false);
            Window.Advance(read);
            return read > 0;
        }
        catch (OperationCanceledException) when (!_caller.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
        finally
        {
            // Backpressure: the time that a full queue takes is not counted as silence of the server.
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
            ReceivedAt = _time.GetTimestamp();
            Waited += _time.GetElapsedTime(began, ReceivedAt);
            if (_response.WireBytes > _counted)
            {
                _bytesRead(_response.WireBytes - _counted);
                _counted = _response.WireBytes;
            }
        }
    }

    public void Dispose()
    {
        _response.Dispose();
        Window.Dispose();
        _either.Dispose();
        _silence.Dispose();
    }
}
