
namespace Podfence.Lab;

/// <summary>How a lab's daemon is started.</summary>
public sealed record LabDaemonOptions
{
    /// <summary>The lab's name. Default: <c>default</c>.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Files and folders with manifests; they are followed as they change.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Choices of the caller that mean nothing to the lab, kept for those who ask for its status.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How the cluster is made.</summary>
    public LabClusterOptions Cluster { get; init; } = new();
}

/// <summary>A lab as a process: the cluster, the followed manifests and the control socket. When it ends, however it ends, the lab is gone.</summary>
public static class LabDaemon
{
    /// <summary>Brings a lab up and serves it until it is told to end.</summary>
    /// <param name="options">The lab.</param>
    /// <param name="progress">Told what is being done until the lab is up.</param>
    /// <param name="ready">Called when everything is reachable and fenced.</param>
    /// <param name="cancel">Takes the lab down.</param>
    /// <exception cref="LabException">It cannot be brought up; nothing is left of it.</exception>
    public static async Task RunAsync(LabDaemonOptions options, IProgress<string>? progress, Action<LabStatus> ready, CancellationToken cancel)
    {
        using var listener = await LabSocket.ListenAsync(options.Name, cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        LabSession? session = null;
        try
        {
            var source = new FollowedManifests(options.Paths);
            var manifests = source.Read();
            await using var cluster = await LabCluster.StartAsync(manifests, options.Cluster, progress, cancel);
            session = new LabSession(options, cluster, source, manifests, stop);
            ready(session.Status());
            await session.ServeAsync(listener);
        }
        finally
        {
            File.Delete(LabSocket.PathOf(options.Name));
            if (session is not null)
            {
                // Who asked for the end hears of it now that nothing is left.
                await session.DisposeAsync();
            }
        }
    }
}
