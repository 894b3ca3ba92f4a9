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

/// <summary>Where the agent serves probes and metrics.</summary>
/// <param name="Address">
/// Address and port for <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>; null for none.
/// </param>
/// <param name="StatusSocket">
/// Path of the unix socket for <c>/status</c>, which names policies and so is for root only; null for none.
/// </param>
public sealed record OperationsEndpoints(IPEndPoint? Address, string? StatusSocket);

/// <summary>The agent's HTTP server, for a few clients and small responses.</summary>
public sealed class OperationsServer : IAsyncDisposable
{
    private const int MaxConnections = 64;
    private static readonly double[] s_seconds =
    [
        0.0005,
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
        30,
    ];
    private readonly KestrelServer _server;
    private readonly MeterProvider _metrics;
    private readonly ServiceProvider _services;

    private OperationsServer(KestrelServer server, MeterProvider metrics, ServiceProvider services) =>
        (_server, _metrics, _services) = (server, metrics, services);

    /// <summary>Starts the server.</summary>
    /// <exception cref="IOException">The address is in use, or the socket cannot be created.</exception>
    public static async Task<OperationsServer> StartAsync(
        OperationsEndpoints endpoints,
        AgentState state,
        string version,
        CancellationToken cancellationToken
    )
    {
        var metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeter(AgentMetrics.MeterName)
            .AddView(AgentMetrics.EventToKernel, new ExplicitBucketHistogramConfiguration { Boundaries = s_seconds })
            .AddView(AgentMetrics.Apply, new ExplicitBucketHistogramConfiguration { Boundaries = s_seconds })
            .AddPrometheusExporter(static exporter => exporter.ScopeInfoEnabled = false)
            .Build();

        // Without a generic host, so that no environment variable and no file changes what is in
        // docs/operate/operations.md. It also saves a megabyte.
        var services = new ServiceCollection().BuildServiceProvider();
        var options = new KestrelServerOptions { ApplicationServices = services };
        Configure(options, endpoints);
        var transport = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions()),
            NullLoggerFactory.Instance
        );
        var server = new OperationsServer(
            new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance),
            metrics,
            services
        );
        try
        {
            var pipeline = new ApplicationBuilder(services);
            pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(
                metrics,
                static context => context.Request.Path == "/metrics",
                path: null,
                configureBranchedPipeline: null,
                optionsName: null
            );
            pipeline.Run(context => RespondAsync(context, state, version));
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

    /// <summary>Stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        // Requests in progress have a second to complete.
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
        await _server.StopAsync(timeout.Token).ConfigureAwait(false);
        _server.Dispose();
        _metrics.Dispose();
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    private static void Configure(KestrelServerOptions options, OperationsEndpoints endpoints)
    {
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = MaxConnections;
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

            // The socket of an agent that was killed would prevent this one from listening.
            File.Delete(path);
            options.ListenUnixSocket(path);
        }
    }

    private static Task RespondAsync(HttpContext context, AgentState state, string version) =>
        context.Request.Path.Value switch
        {
            "/healthz" or "/livez" => ConditionsAsync(context, state.Liveness()),
            "/readyz" => ConditionsAsync(context, state.Readiness()),
            "/status" when context.Connection.LocalIpAddress is null => BodyAsync(
                context,
                "application/json",
                StatusReport.Of(state, version).ToJson()
            ),
            _ => NotFoundAsync(context),
        };

    // The format of the API server's own probes.
    private static Task ConditionsAsync(HttpContext context, IReadOnlyList<Condition> conditions)
    {
        var holds = conditions.All(static condition => condition.Holds);
        context.Response.StatusCode = holds ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        var lines = conditions.Select(static condition =>
            condition.Holds ? $"[+]{condition.Name} ok" : $"[-]{condition.Name} failed: {condition.Message}"
        );
        return BodyAsync(
            context,
            "text/plain; charset=utf-8",
            System.Text.Encoding.UTF8.GetBytes($"{string.Join('\n', lines)}\n")
        );
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return BodyAsync(
            context,
            "text/plain; charset=utf-8",
            "available: /metrics, /healthz and /readyz\n"u8.ToArray()
        );
    }

    private static async Task BodyAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    private sealed class Pipeline(RequestDelegate respond) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => respond(context);

        public void DisposeContext(HttpContext context, Exception? exception) { }
    }
}
