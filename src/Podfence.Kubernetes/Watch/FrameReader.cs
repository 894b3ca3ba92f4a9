namespace Podfence.Kubernetes;

/// <summary>Reads an answer object by object, and gives up where it is silent for too long.</summary>
internal sealed class FrameReader : IDisposable
{
    private readonly KubeResponse _answer;
    private readonly FrameSplitter _cutter;
    private readonly TimeProvider _time;
    private readonly Action<long> _bytesRead;
    private readonly ByteWindow _window = new();
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _caller;
    private long _counted;

    /// <summary>Makes a reader that disposes of the answer.</summary>
    public FrameReader(KubeResponse answer, FrameSplitter cutter, TimeProvider time, Action<long> bytesRead, CancellationToken cancellationToken)
    {
        _answer = answer;
        _cutter = cutter;
        _time = time;
        _bytesRead = bytesRead;
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, cancellationToken);
        _caller = cancellationToken;
        ReceivedAt = time.GetTimestamp();
    }

    /// <summary>When the last bytes came.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>How long all reading has waited.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Whether bytes are left that make no whole object.</summary>
    public bool HasRest => !_window.Unread.IsEmpty;

    /// <summary>The next object among the bytes that are there.</summary>
    public Cut Next(out ReadOnlySpan<byte> frame) => _cutter.Next(_window, out frame);

    /// <summary>Reads more.</summary>
    /// <param name="patience">Longest wait.</param>
    /// <returns>False at the end of the answer.</returns>
    /// <exception cref="TimeoutException">Nothing came in time.</exception>
    /// <exception cref="KubeException">The connection broke.</exception>
    public async ValueTask<bool> ReadAsync(TimeSpan patience)
    {
        var began = _time.GetTimestamp();
        _silence.CancelAfter(patience > TimeSpan.Zero ? patience : TimeSpan.Zero);
        try
        {
            var read = await _answer.ReadAsync(_window.Room(), _either.Token).ConfigureAwait(false);
            _window.Add(read);
            return read > 0;
        }
        catch (OperationCanceledException) when (!_caller.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
        finally
        {
            // What follows may take its time: a full queue is not the server's silence.
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
            ReceivedAt = _time.GetTimestamp();
            Waited += _time.GetElapsedTime(began, ReceivedAt);
            if (_answer.WireBytes > _counted)
            {
                _bytesRead(_answer.WireBytes - _counted);
                _counted = _answer.WireBytes;
            }
        }
    }

    public void Dispose()
    {
        _answer.Dispose();
        _window.Dispose();
        _either.Dispose();
        _silence.Dispose();
    }
}
