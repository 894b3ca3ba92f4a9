using Podfence.Manifests;
using Podfence.TestKit;

namespace Podfence.Cli.Tests;

/// <summary>A simulated API server with some manifests in it, and a kubeconfig for it.</summary>
internal sealed class LiveCluster : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("podfence-live-");
    private bool _isStopped;

    private LiveCluster(ApiSimulator server) => Server = server;

    public ApiSimulator Server { get; }

    public string Kubeconfig => Path.Combine(_folder.FullName, "config");

    /// <summary>Starts one.</summary>
    /// <param name="yaml">What is in it.</param>
    /// <param name="namespace">The namespace of its context.</param>
    public static async Task<LiveCluster> StartAsync(string yaml, string @namespace = "default")
    {
        var live = new LiveCluster(await ApiSimulator.StartAsync());
        var manifests = ManifestReader.ReadText(yaml, "live.yaml");
        Assert.Empty(manifests.Diagnostics);
        foreach (var item in manifests.Objects)
        {
            live.Server.Put(item);
        }

        live.Write(
            "config",
            $"""
            current-context: lab
            contexts:
            - name: lab
              context:
                cluster: lab
                namespace: {@namespace}
            clusters:
            - name: lab
              cluster:
                server: {live.Server.Address}
            """
        );
        return live;
    }

    /// <summary>Writes a file beside the kubeconfig.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs a command line where KUBECONFIG names the cluster.</summary>
    public Task<ProgramRun> RunAsync(params IReadOnlyList<string> arguments) =>
        CommandRun.RunAsync(name => name == "KUBECONFIG" ? Kubeconfig : null, arguments);

    /// <summary>Ends the server; what names it stays.</summary>
    public async Task StopAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await Server.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        await StopAsync();
    }
}
