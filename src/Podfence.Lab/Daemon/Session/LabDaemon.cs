namespace Podfence.Lab;

/// <summary>The options of a lab daemon.</summary>
public sealed record LabDaemonOptions
{
    /// <summary>The lab's name. Default: <c>default</c>.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Files and directories with manifests, watched for changes.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Settings of the caller, which the lab does not use and shows in its status.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How the cluster is created.</summary>
    public LabClusterOptions Cluster { get; init; } = new();
}

/// <summary>
/// The process of a lab: the cluster, the watched manifests and the control socket. However it ends, the lab is
/// removed.
/// </summary>
public static class LabDaemon
{
    /// <summary>Starts a lab and serves it until it is stopped.</summary>
    /// <param name="options">The lab.</param>
    /// <param name="progress">Receives the current step until the lab is up.</param>
    /// <param name="ready">Called when the lab is up and all rules are in place.</param>
    /// <param name="cancel">Stops the lab.</param>
    /// <exception cref="LabException">The lab failed to start; nothing of it is left.</exception>
    public static async Task RunAsync(
        LabDaemonOptions options,
        IProgress<string>? progress,
        Action<LabStatus> ready,
        CancellationToken cancel
    )
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
                // The client that requested the stop gets its response now that everything is removed.
                await session.DisposeAsync();
            }
        }
    }
}
