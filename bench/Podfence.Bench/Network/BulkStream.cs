using Podfence.Model;

namespace Podfence.Bench;

/// <summary>
/// One TCP connection that is kept full, both ends in one thread, as in <see cref="ConnectionLoop"/>.
/// </summary>
internal sealed class BulkStream : IDisposable
{
    private readonly byte[] _buffer = new byte[256 << 10];
    private readonly int _listener;
    private readonly int _caller;
    private readonly int _pod;

    /// <summary>Connects.</summary>
    /// <param name="bed">The namespaces.</param>
    /// <param name="call">Client and server.</param>
    /// <param name="window">
    /// What may be under way; no more than fits the queue of 1,000 packets between two devices.
    /// </param>
    public BulkStream(Testbed bed, Call call, int window)
    {
        var family = Endpoint.Family(call.To);
        _listener = bed.Pods.Run(() =>
        {
            var fd = Posix.OpenStream(family);
            Posix.ReuseAddress(fd);
            Posix.Buffers(fd, window);
            Posix.Bind(fd, Endpoint.Of(new IpAddress(call.To.Family, 0), call.Port));
            Posix.Listen(fd);
            return fd;
        });
        _caller = bed.Callers.Run(() =>
        {
            var fd = Posix.OpenStream(family);
            Posix.Buffers(fd, window);
            Posix.CloseAbruptly(fd);
            Posix.Bind(fd, Endpoint.Of(call.From, 0));
            Posix.Connect(fd, Endpoint.Of(call.To, call.Port));
            return fd;
        });
        _pod = Posix.Wait(_listener, 2_000)
            ? Posix.Accept(_listener)
            : throw new BenchException("a connection that the policies allow did not arrive");
    }

    /// <summary>Gigabits per second by the clock and by processor time.</summary>
    public (double Wall, double Cpu) Run(long bytes)
    {
        var clock = Stopclock.Start();
        long sent = 0,
            got = 0;
        while (got < bytes)
        {
            long step = 0;
            // A few buffers at a time: what is read soon is still in the processor's cache, as at a reader of its own.
            for (var i = 0; i < 4 && sent < bytes; i++)
            {
                var taken = Posix.Send(_caller, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, bytes - sent)));
                sent += taken;
                step += taken;
            }

            for (long more; (more = Posix.Receive(_pod, _buffer)) > 0; step += more)
            {
                got += more;
            }

            if (step == 0 && !Posix.Wait(_pod, 2_000))
            {
                throw new BenchException("the stream stands still");
            }
        }

        var bits = bytes * 8 / 1e9;
        return (bits / clock.WallSeconds, bits / clock.CpuSeconds);
    }

    public void Dispose()
    {
        Posix.Close(_caller);
        Posix.Close(_pod);
        Posix.Close(_listener);
    }
}
