using System.Net;
using System.Net.Sockets;
using Podfence.Dataplane;
using Podfence.Model;

namespace Podfence.Agent.Tests;

/// <summary>What an operator's tools get, by HTTP.</summary>
[Collection(MetersOfAgents.Name)]
public sealed class OperationsServerTests : IAsyncLifetime
{
    private readonly AgentState _state = new("n1", ["Pod"], TimeSpan.FromMinutes(1), TimeProvider.System);
    private readonly string _folder = Directory.CreateTempSubdirectory("podfence-test").FullName;
    private AgentMetrics? _metrics;
    private OperationsServer? _server;
    private HttpClient? _http;
    private Uri _base = new("http://127.0.0.1");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_folder, "run", "agent.sock");

    public async ValueTask InitializeAsync()
    {
        var address = FreeAddress();
        _base = new Uri($"http://{address}");
        _server = await OperationsServer.StartAsync(
            new OperationsEndpoints(address, SocketPath),
            _state,
            "1.2",
            Cancel
        );
        _metrics = new AgentMetrics(_state, "1.2");
        _metrics.Begin();
        _http = new HttpClient();
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        _metrics?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Readyz_NotReady_Is503WithTheReason()
    {
        var (status, body) = await GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("[-]sources failed: Pod not listed yet", body, StringComparison.Ordinal);
        Assert.Contains("[+]kernel ok", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readyz_Ready_Is200()
    {
        _state.Source("Pod", static source => source with { IsListed = true });
        _state.NodeKnown(isKnown: true);
        _state.Synced();
        var (status, body) = await GetAsync("/readyz");
        Assert.True(status == HttpStatusCode.OK, body);
    }

    [Fact]
    public async Task Healthz_LoopEnded_Is503()
    {
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/healthz")).Status);
        _state.Ended("a fault");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("/healthz")).Status);
    }

    [Fact]
    public async Task Metrics_OfAnAgent_HaveTheNamesAndUnitsOfPrometheus()
    {
        _metrics!.Applied(
            new AppliedChange(
                Replaced: false,
                1,
                TimeSpan.FromMilliseconds(1),
                TimeSpan.FromMilliseconds(3),
                new RulesetStats(1, 2, 3, 4, 5, 6, 7)
            )
        );
        _state.Applied(new RulesetStats(1, 2, 3, 4, 5, 6, 7));
        _metrics.Failed(ReconcileStep.Write, DataplaneFailure.NoMemory);
        _metrics.WatchRestarted("Pod", "gone");
        var (_, body) = await GetAsync("/metrics");
        Assert.Contains("podfence_event_to_kernel_seconds_bucket{le=\"0.005\"} 1", body, StringComparison.Ordinal);
        Assert.Contains("podfence_event_to_kernel_seconds_bucket{le=\"0.0025\"} 0", body, StringComparison.Ordinal);
        Assert.Contains(
            "podfence_apply_failures_total{reason=\"no_memory\",step=\"write\"} 1",
            body,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "podfence_apply_failures_total{reason=\"conflict\",step=\"write\"} 0",
            body,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "podfence_watch_restarts_total{kind=\"Pod\",reason=\"gone\"} 1",
            body,
            StringComparison.Ordinal
        );
        Assert.Contains("podfence_build_info{version=\"1.2\"} 1", body, StringComparison.Ordinal);
        Assert.Contains("podfence_fenced_pods{} 6", body, StringComparison.Ordinal);
        Assert.Contains("podfence_set_elements{} 4", body, StringComparison.Ordinal);
        Assert.Contains("podfence_policies{state=\"enforced\"} 7", body, StringComparison.Ordinal);
        Assert.Contains("podfence_api_read_bytes_total{kind=\"Pod\"} 0", body, StringComparison.Ordinal);
        Assert.Contains("podfence_drift_found_total{} 0", body, StringComparison.Ordinal);
        Assert.Contains("podfence_ready{} 0", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OverTheNetwork_IsNotFound() =>
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/status")).Status);

    [Fact]
    public async Task Status_OverTheSocket_IsTheReport()
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        var report = StatusReport.FromJson(await client.GetByteArrayAsync(new Uri("http://agent/status"), Cancel));
        Assert.Equal("n1", report.Node);
        Assert.False(report.Ready);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(SocketPath).UnixFileMode);
    }

    [Fact]
    public async Task StartAsync_AddressInUse_Throws()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await Assert.ThrowsAsync<IOException>(() =>
            OperationsServer.StartAsync(
                new OperationsEndpoints((IPEndPoint)taken.LocalEndpoint, null),
                _state,
                "1.2",
                Cancel
            )
        );
    }

    private static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var answer = await _http!.GetAsync(new Uri(_base, path), Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
