using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Podfence.Evaluation;
using Podfence.Lab;
using Podfence.Model;

namespace Podfence.Bench;

/// <summary>The product itself, as a process in a node's network namespace, watched from outside.</summary>
internal sealed class NativeAgent : IAsyncDisposable
{
    /// <summary>What <c>make build</c> leaves.</summary>
    public const string Program = "artifacts/podfence";

    private const int Port = 9469;
    private const double TicksPerSecond = 100;
    private static readonly Uri s_metrics = new($"http://127.0.0.1:{Port}/metrics");
    private static readonly Uri s_status = new("http://agent/status");
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private readonly Process _process;
    private readonly HttpClient _scraper;
    private readonly HttpClient _asker;
    private readonly string _socket;
    private readonly Task<string> _log;

    private NativeAgent(Process process, NetworkNamespace where, string socket)
    {
        _process = process;
        _socket = socket;
        _log = process.StandardError.ReadToEndAsync();
        _scraper = Client(async () =>
        {
            var connection = await where.OpenSocketAsync(
                AddressFamily.InterNetwork,
                SocketType.Stream,
                ProtocolType.Tcp
            );
            return (connection, new IPEndPoint(IPAddress.Loopback, Port));
        });
        _asker = Client(() =>
            Task.FromResult<(Socket, EndPoint)>(
                (
                    new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
                    new UnixDomainSocketEndPoint(socket)
                )
            )
        );
    }

    /// <summary>From before the process was made until it served metrics.</summary>
    public TimeSpan ToServing { get; private set; }

    /// <summary>From before the process was made until it said that the kernel is as the API server says.</summary>
    public TimeSpan ToFenced { get; private set; }

    /// <summary>Resident now, in bytes.</summary>
    public long Resident => Memory("VmRSS:");

    /// <summary>The most that was ever resident.</summary>
    public long Peak => Memory("VmHWM:");

    /// <summary>Processor time so far, the kernel's part included.</summary>
    public double CpuSeconds => CpuSecondsOf(_process.Id);

    /// <summary>Why agents cannot be measured here; null where they can.</summary>
    public static string? Missing => File.Exists(Program) ? null : $"there is no {Program}: run 'make build' first";

    /// <summary>The command line of an agent that is the same wherever it runs.</summary>
    public static IReadOnlyList<string> Command(string node, string kubeconfig, string socket) =>
        [
            Path.GetFullPath(Program),
            "agent",
            "--node-name",
            node,
            "--kubeconfig",
            kubeconfig,
            "--status-socket",
            socket,
            "--metrics-bind-address",
            $"127.0.0.1:{Port}",
            "--log-level",
            "warning",
        ];

    /// <summary>Processor time of a process so far, the kernel's part included.</summary>
    public static double CpuSecondsOf(int process)
    {
        // The second field is a name in brackets, which may have blanks in it.
        var text = File.ReadAllText($"/proc/{process}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    /// <summary>Starts one and waits until it is ready.</summary>
    public static async Task<NativeAgent> StartAsync(
        NetworkNamespace where,
        string kubeconfig,
        CancellationToken cancel
    )
    {
        var socket = Path.Combine(Path.GetDirectoryName(kubeconfig)!, "agent.sock");
        var command = Command(AgentCluster.Node, kubeconfig, socket);
        var info = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        };

        var began = TimeProvider.System.GetTimestamp();
        var agent = new NativeAgent(where.Start(info), where, socket);
        try
        {
            await agent.UntilAsync(
                async () => (await agent._scraper.GetAsync(s_metrics, cancel)).IsSuccessStatusCode,
                began,
                cancel
            );
            agent.ToServing = TimeProvider.System.GetElapsedTime(began);
            await agent.UntilAsync(() => agent.IsReadyAsync(cancel), began, cancel);
            agent.ToFenced = TimeProvider.System.GetElapsedTime(began);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>What it says on /metrics.</summary>
    public async Task<MetricsPage> ScrapeAsync(CancellationToken cancel) =>
        new(await _scraper.GetStringAsync(s_metrics, cancel));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _scraper.Dispose();
        _asker.Dispose();
        _process.Dispose();
        File.Delete(_socket);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static HttpClient Client(Func<Task<(Socket Socket, EndPoint End)>> open) =>
        new(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancel) =>
                {
                    var (socket, end) = await open();
                    try
                    {
                        await socket.ConnectAsync(end, cancel);
                        return new NetworkStream(socket, ownsSocket: true);
                    }
                    catch
                    {
                        socket.Dispose();
                        throw;
                    }
                },
            }
        );

    private async Task UntilAsync(Func<Task<bool>> holds, long began, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            if (_process.HasExited || TimeProvider.System.GetElapsedTime(began) > s_patience)
            {
                var why = _process.HasExited
                    ? $"ended with code {_process.ExitCode}: {await _log}"
                    : $"is not ready after {s_patience.TotalSeconds:0} s";
                throw new BenchException($"{Program} agent {why}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancel);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancel)
    {
        using var status = JsonDocument.Parse(await _asker.GetByteArrayAsync(s_status, cancel));
        return status.RootElement.GetProperty("ready").GetBoolean();
    }

    private long Memory(string field) =>
        ProcessMemory.Status(_process.Id.ToString(CultureInfo.InvariantCulture), field);
}
