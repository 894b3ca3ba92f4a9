using System.Net;
using System.Net.Sockets;
using System.Text;
using Podfence.Model;

namespace Podfence.Lab;

/// <summary>
/// Sends real packets through a lab and reports the outcome. Its sockets are in namespaces of the lab: no packet leaves
/// it.
/// </summary>
public sealed class Prober : IDisposable
{
    // Flows whose servers are up at a time.
    private const int Batch = 2_000;

    // Namespace (63), pod name (253) and address, with some words in between.
    private const int MaxReplyBytes = 512;

    private readonly ServerTable _servers;
    private readonly SourcePorts _ports = new();
    private readonly LabNetwork _network;
    private readonly TimeProvider _time;

    internal Prober(LabNetwork network, ServerTable servers, TimeProvider time)
    {
        _network = network;
        _servers = servers;
        _time = time;
    }

    /// <summary>Creates a prober with its own servers, for labs without a daemon.</summary>
    public Prober(LabNetwork network, TimeProvider? time = null)
        : this(network, new ServerTable(), time ?? TimeProvider.System) { }

    /// <summary>Measures one flow.</summary>
    public async Task<ProbeResult> ProbeAsync(LabFlow flow, ProbeOptions options, CancellationToken cancel) =>
        (await ProbeAsync([flow], options, cancel))[0];

    /// <summary>Measures flows in parallel.</summary>
    /// <param name="flows">The flows.</param>
    /// <param name="options">Timeout and parallelism.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <returns>
    /// A result per flow, in order; <see cref="ProbeOutcome.Failed"/> for a flow that cannot be measured.
    /// </returns>
    public async Task<ProbeResult[]> ProbeAsync(
        IReadOnlyList<LabFlow> flows,
        ProbeOptions options,
        CancellationToken cancel
    )
    {
        var results = new ProbeResult[flows.Count];
        for (var start = 0; start < flows.Count; start += Batch)
        {
            var batch = flows.Skip(start).Take(Batch).ToArray();
            var trials = await Task.WhenAll(batch.Select(PrepareAsync));
            try
            {
                var offset = start;
                var limits = new ParallelOptions
                {
                    MaxDegreeOfParallelism = options.Parallelism,
                    CancellationToken = cancel,
                };
                await Parallel.ForAsync(0, trials.Length, limits, async (i, token) =>
                    results[offset + i] = await RunAsync(trials[i], options, token)
                );
            }
            finally
            {
                foreach (var trial in trials)
                {
                    trial.Server?.Dispose();
                }
            }
        }

        return results;
    }

    /// <summary>Stops the servers.</summary>
    public void Dispose() => _servers.Dispose();

    private async Task<Trial> PrepareAsync(LabFlow flow)
    {
        try
        {
            var from = EndpointResolver.Resolve(_network, flow.From, flow.Family);
            var to = EndpointResolver.Resolve(_network, flow.To, flow.Family);
            var protocol = flow.Protocol switch
            {
                Protocol.Tcp => ProtocolType.Tcp,
                Protocol.Udp => ProtocolType.Udp,
                _ => throw new LabException(
                    LabError.NoSuchEndpoint,
                    $"the lab supports TCP and UDP, not {flow.Protocol}"
                ),
            };
            return new Trial(
                flow,
                from,
                to,
                protocol,
                await _servers.AcquireAsync(to.Namespace, to.Name, to.Address.ToSystem(), flow.Port, protocol),
                null
            );
        }
        catch (Exception fault) when (fault is LabException or SocketException or ObjectDisposedException)
        {
            return new Trial(flow, null!, null!, default, null, fault.Message);
        }
    }

    private async Task<ProbeResult> RunAsync(Trial trial, ProbeOptions options, CancellationToken cancel)
    {
        if (trial.Fault is not null)
        {
            return new(trial.Flow, ProbeOutcome.Failed, default, trial.Fault);
        }

        using var limit = new CancellationTokenSource(options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        var start = _time.GetTimestamp();
        var (outcome, detail) = await TryAsync(trial, options, either.Token);
        cancel.ThrowIfCancellationRequested();
        return new(trial.Flow, outcome, _time.GetElapsedTime(start), detail);
    }

    private async Task<(ProbeOutcome Outcome, string? Detail)> TryAsync(
        Trial trial,
        ProbeOptions options,
        CancellationToken cancel
    )
    {
        Socket? socket = null;
        try
        {
            var source = trial.From.Address.ToSystem();
            var stream = trial.Protocol == ProtocolType.Tcp;
            socket = await trial.From.Namespace.OpenSocketAsync(
                source.AddressFamily,
                stream ? SocketType.Stream : SocketType.Dgram,
                trial.Protocol
            );
            if (stream)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }

            _ports.Bind(socket, trial.From.Namespace.Inode, source);
            var destination = new IPEndPoint(trial.To.Address.ToSystem(), trial.Flow.Port);
            await socket.ConnectAsync(destination, cancel);
            if (trial.Server!.Foreign && stream)
            {
                return (ProbeOutcome.Allowed, "a program in the pod accepted the connection");
            }

            var reply = stream
                ? await ReadLineAsync(socket, cancel)
                : await ExchangeAsync(socket, options.Timeout, cancel);
            return reply.StartsWith($"{trial.To.Name} saw ", StringComparison.Ordinal) || trial.Server.Foreign
                ? (ProbeOutcome.Allowed, reply)
                : (ProbeOutcome.Misdirected, reply.Length == 0 ? "the connection closed without a reply" : reply);
        }
        catch (OperationCanceledException)
        {
            return (ProbeOutcome.TimedOut, null);
        }
        catch (SocketException fault)
        {
            return (Classify(fault.SocketErrorCode), fault.Message);
        }
        catch (Exception fault) when (fault is ObjectDisposedException or LabException)
        {
            return (ProbeOutcome.Failed, "the pod was removed during the probe");
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private static ProbeOutcome Classify(SocketError error) =>
        error switch
        {
            SocketError.ConnectionRefused => ProbeOutcome.Refused,
            // A reset of an open connection comes from a packet filter that denied it after the handshake.
            SocketError.ConnectionReset or SocketError.ConnectionAborted => ProbeOutcome.Refused,
            SocketError.TimedOut => ProbeOutcome.TimedOut,
            SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.AccessDenied =>
                ProbeOutcome.Unreachable,
            _ => ProbeOutcome.Failed,
        };

    private static async Task<string> ReadLineAsync(Socket socket, CancellationToken cancel)
    {
        var buffer = new byte[MaxReplyBytes];
        var length = 0;
        while (length < buffer.Length)
        {
            var more = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            length += more;
            if (more == 0 || buffer.AsSpan(0, length).Contains((byte)'\n'))
            {
                break;
            }
        }

        return Encoding.ASCII.GetString(buffer, 0, length).TrimEnd('\n');
    }

    /// <summary>Retries a few times: a busy machine may drop a datagram.</summary>
    private async Task<string> ExchangeAsync(Socket socket, TimeSpan timeout, CancellationToken cancel)
    {
        var buffer = new byte[MaxReplyBytes];
        for (var wait = timeout / 8; ; wait *= 2)
        {
            await socket.SendAsync("probe\n"u8.ToArray(), cancel);
            using var pause = new CancellationTokenSource(wait, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, pause.Token);
            try
            {
                var length = await socket.ReceiveAsync(buffer, either.Token);
                return Encoding.ASCII.GetString(buffer, 0, length).Split('\n')[0];
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Retry.
            }
        }
    }

    private sealed record Trial(
        LabFlow Flow,
        ProbeEndpoint From,
        ProbeEndpoint To,
        ProtocolType Protocol,
        ServerTable.Lease? Server,
        string? Fault
    );
}
