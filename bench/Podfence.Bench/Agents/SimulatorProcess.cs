using System.Diagnostics;
using System.Globalization;
using Podfence.Lab;

namespace Podfence.Bench;

/// <summary>A <see cref="ServerChild"/>, from outside.</summary>
internal sealed class SimulatorProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private SimulatorProcess(Process process, string folder) => (_process, _folder) = (process, folder);

    /// <summary>Where an agent of the same namespace finds it.</summary>
    public string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    /// <summary>Bytes of one pod.</summary>
    public int PodLength { get; private set; }

    /// <summary>Starts one in a namespace, and waits until it has all its objects.</summary>
    public static async Task<SimulatorProcess> StartAsync(
        NetworkNamespace where,
        AgentCluster cluster,
        CancellationToken cancel
    )
    {
        var info = new ProcessStartInfo(
            Environment.ProcessPath!,
            [ServerChild.Verb, $"{cluster.Nodes}", $"{cluster.Pods}"]
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var server = new SimulatorProcess(
            where.Start(info),
            Directory.CreateTempSubdirectory("podfence-bench-").FullName
        );
        try
        {
            var ready = (await server.ReadAsync(cancel)).Split(' ');
            server.PodLength = int.Parse(ready[2], CultureInfo.InvariantCulture);
            await File.WriteAllTextAsync(
                server.Kubeconfig,
                $$"""
                apiVersion: v1
                kind: Config
                current-context: bench
                clusters:
                - name: bench
                  cluster: {server: "http://127.0.0.1:{{ready[1]}}"}
                users:
                - name: bench
                  user: {}
                contexts:
                - name: bench
                  context: {cluster: bench, user: bench}
                """,
                cancel
            );
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Changes pods for a time.</summary>
    /// <returns>The probes among the changes, and how many changes there were.</returns>
    public async Task<(List<Probe> Probes, int Changes)> StormAsync(
        int rate,
        int probes,
        int seconds,
        CancellationToken cancel
    )
    {
        await TellAsync($"storm {rate} {probes} {seconds}");
        var sent = new List<Probe>();
        string line;
        while ((line = await ReadAsync(cancel)).StartsWith("probe ", StringComparison.Ordinal))
        {
            sent.Add(Probe.Parse(line));
        }

        return (sent, int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Says one word, which is answered by when it was done.</summary>
    public async Task<long> TellAtAsync(string word, CancellationToken cancel)
    {
        await TellAsync(word);
        return long.Parse((await ReadAsync(cancel)).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Lets it forget what nobody will ask for.</summary>
    public async Task ForgetAsync(CancellationToken cancel)
    {
        await TellAsync("forget");
        await ReadAsync(cancel);
    }

    public void Dispose()
    {
        // The end of its input is its end.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    private async Task<string> ReadAsync(CancellationToken cancel) =>
        await _process.StandardOutput.ReadLineAsync(cancel)
        ?? throw new BenchException("the simulated API server has ended");
}
