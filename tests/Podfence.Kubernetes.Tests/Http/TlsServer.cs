using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Podfence.Model;

namespace Podfence.Kubernetes.Tests;

/// <summary>A web server with TLS that says what it was asked and by whom.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _server;

    private TlsServer(WebApplication server) => _server = server;

    public int Port { get; private set; }

    public List<string> Seen { get; } = [];

    /// <summary>What it answers; by default 200 and nothing.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = static _ => Task.CompletedTask;

    public static async Task<TlsServer> StartAsync((string Certificate, string Key) identity)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(
                    https =>
                    {
                        https.ServerCertificate = X509Certificate2.CreateFromPem(identity.Certificate, identity.Key);
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.ClientCertificateValidation = static (_, _, _) => true;
                    }
                )));
        var server = new TlsServer(builder.Build());
        server._server.Run(async context =>
        {
            var who = (await context.Connection.GetClientCertificateAsync())?.Subject ?? "nobody";
            lock (server.Seen)
            {
                server.Seen.Add(
                    $"{context.Request.Protocol} {context.Request.Path}{context.Request.QueryString} {who} "
                        + $"{context.Request.Headers.Authorization} {context.Request.Headers.UserAgent}"
                );
            }

            await server.Answer(context);
        });
        await server._server.StartAsync();
        server.Port = new Uri(server._server.Urls.First()).Port;
        return server;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
