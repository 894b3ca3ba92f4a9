using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>Client and server of a connection.</summary>
/// <param name="From">The caller's address.</param>
/// <param name="To">The pod's address.</param>
/// <param name="Port">The pod's port.</param>
internal readonly record struct Call(IpAddress From, IpAddress To, int Port);

/// <summary>What a burst of connections took.</summary>
/// <param name="Connections">How many.</param>
/// <param name="WallSeconds">By the clock.</param>
/// <param name="CpuSeconds">Processor time of the loop, and of all forwarding that it set off.</param>
internal readonly record struct Burst(int Connections, double WallSeconds, double CpuSeconds)
{
    public double PerSecond => Connections / WallSeconds;

    public double MicrosecondsEach => CpuSeconds / Connections * 1e6;
}

/// <summary>
/// Opens and resets TCP connections one after another, both ends in one thread: between namespaces a packet travels
/// inside the system call that sends it, so that there is nothing to wait for, no scheduler in the figures, and little
/// but the kernel's own path in them.
/// </summary>
internal sealed class ConnectionLoop : IDisposable
{
    private const int Patience = 2_000;

    private readonly NetworkNamespace _callers;
    private readonly Dictionary<int, int> _listeners = [];
    private readonly (byte[] From, byte[] To, int Listener)[] _calls;
    private readonly int _family;
    private int _next;

    /// <summary>Opens a listener for every port.</summary>
    /// <param name="bed">The namespaces.</param>
    /// <param name="calls">Taken in turn, over and over.</param>
    public ConnectionLoop(Testbed bed, IReadOnlyList<Call> calls)
    {
        _callers = bed.Callers;
        _family = Endpoint.Family(calls[0].To);
        bed.Pods.Run(() =>
        {
            foreach (var port in calls.Select(static call => call.Port).Distinct())
            {
                _listeners[port] = Listen(new IpAddress(calls[0].To.Family, 0), port);
            }

            return true;
        });
        _calls =
        [
            .. calls.Select(call =>
                (Endpoint.Of(call.From, 0), Endpoint.Of(call.To, call.Port), _listeners[call.Port])
            ),
        ];
    }

    /// <summary>A number of connections, on a thread inside the callers' namespace.</summary>
    public Burst Run(int connections) =>
        _callers.Run(() =>
        {
            var clock = Stopclock.Start();
            for (var i = 0; i < connections; i++)
            {
                ref readonly var call = ref _calls[_next];
                _next = _next + 1 == _calls.Length ? 0 : _next + 1;
                ConnectOnce(call.From, call.To, call.Listener);
            }

            return new Burst(connections, clock.WallSeconds, clock.CpuSeconds);
        });

    public void Dispose()
    {
        foreach (var listener in _listeners.Values)
        {
            Posix.Close(listener);
        }
    }

    private int Listen(IpAddress address, int port)
    {
        var fd = Posix.OpenStream(_family);
        Posix.ReuseAddress(fd);
        // Accepted sockets inherit it.
        Posix.CloseAbruptly(fd);
        Posix.Bind(fd, Endpoint.Of(address, port));
        Posix.Listen(fd);
        return fd;
    }

    private void ConnectOnce(byte[] from, byte[] to, int listener)
    {
        var caller = Posix.OpenStream(_family);
        Posix.CloseAbruptly(caller);
        Posix.ChoosePortLate(caller);
        Posix.Bind(caller, from);
        Posix.Connect(caller, to);
        int pod;
        while ((pod = Posix.Accept(listener)) < 0)
        {
            // The kernel's own thread has taken the forwarding over for the moment.
            if (!Posix.Wait(listener, Patience))
            {
                Posix.Close(caller);
                throw new BenchException("a connection that the policies allow did not arrive");
            }
        }

        Posix.Close(caller);
        Posix.Close(pod);
    }
}
