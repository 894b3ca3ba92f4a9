using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Podfence.Agent;

/// <summary>Where the agent answers probes and scrapes.</summary>
/// <param name="Address">Address and port for <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>; null for none.</param>
/// <param name="StatusSocket">Path of the unix socket for <c>/status</c>, which names policies and so is not for everybody; null for none.</param>
public sealed record OperationsEndpoints(IPEndPoint? Address, string? StatusSocket);

/// <summary>The agent's HTTP server: small answers to a few callers.</summary>
public sealed class OperationsServer : IAsyncDisposable
{
    private const int MostConnections = 64;
    private static readonly double[] s_seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private readonly KestrelServer _server;
    private readonly MeterProvider _metrics;
    private readonly ServiceProvider _services;

    private OperationsServer(KestrelServer server, MeterProvider metrics, ServiceProvider services) => (_server, _metrics, _services) = (server, metrics, services);

    /// <summary>Starts to answer.</summary>
    /// <exception cref="IOException">The address is taken, or the socket cannot be made.</exception>
    public static async Task<OperationsServer> StartAsync(OperationsEndpoints endpoints, AgentState state, string version, CancellationToken cancellationToken)
    {
        var metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeter(AgentMetrics.MeterName)
            .AddView(AgentMetrics.EventToKernel, new ExplicitBucketHistogramConfiguration { Boundaries = s_seconds })
            .AddView(AgentMetrics.Apply, new ExplicitBucketHistogramConfiguration { Boundaries = s_seconds })
            .AddPrometheusExporter(static exporter => exporter.ScopeInfoEnabled = false)
            .Build();

        // The server alone, without a host about it: it reads no settings, no environment and no folder, and all that the agent obeys is in docs/operate/operations.md. That is also a megabyte less.
        var services = new ServiceCollection().BuildServiceProvider();
        var options = new KestrelServerOptions { ApplicationServices = services };
        Configure(options, endpoints);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var server = new OperationsServer(new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance), metrics, services);
        try
        {
            var pipeline = new ApplicationBuilder(services);
            pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, static context => context.Request.Path == "/metrics", path: null, configureBranchedPipeline: null, optionsName: null);
            pipeline.Run(context => AnswerAsync(context, state, version));
            await server._server.StartAsync(new Pipeline(pipeline.Build()), cancellationToken).ConfigureAwait(false);
            if (endpoints.StatusSocket is { } socket && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops to answer.</summary>
    public async ValueTask DisposeAsync()
    {
        // Whoever is being answered has a moment.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
        await _server.StopAsync(patience.Token).ConfigureAwait(false);
        _server.Dispose();
        _metrics.Dispose();
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    private static void Configure(KestrelServerOptions options, OperationsEndpoints endpoints)
    {
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = MostConnections;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.MaxRequestHeadersTotalSize = 8192;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        if (endpoints.Address is { } address)
        {
            options.Listen(address);
        }

        if (endpoints.StatusSocket is { } path)
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            // What an agent left that was killed would keep this one from listening.
            File.Delete(path);
            options.ListenUnixSocket(path);
        }
    }

    private static Task AnswerAsync(HttpContext context, AgentState state, string version) => context.Request.Path.Value switch
    {
        "/healthz" or "/livez" => ConditionsAsync(context, state.Liveness()),
        "/readyz" => ConditionsAsync(context, state.Readiness()),
        "/status" when context.Connection.LocalIpAddress is null => BodyAsync(context, "application/json", StatusReport.Of(state, version).ToJson()),
        _ => NotFoundAsync(context),
    };

    // The form of the API server's own probes, which people know how to read.
    private static Task ConditionsAsync(HttpContext context, IReadOnlyList<Condition> conditions)
    {
        var holds = conditions.All(static condition => condition.Holds);
        context.Response.StatusCode = holds ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        var lines = conditions.Select(static condition => condition.Holds ? $"[+]{condition.Name} ok" : $"[-]{condition.Name} failed: {condition.Message}");
        return BodyAsync(context, "text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes($"{string.Join('\n', lines)}\n"));
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return BodyAsync(context, "text/plain; charset=utf-8", "there are /metrics, /healthz and /readyz\n"u8.ToArray());
    }

    private static async Task BodyAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>What answers a request.</summary>
    private sealed class Pipeline(RequestDelegate answer) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => answer(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
