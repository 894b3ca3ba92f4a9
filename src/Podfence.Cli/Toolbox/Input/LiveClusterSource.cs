using System.Collections.Concurrent;
using System.Globalization;
using Podfence.Analysis;
using Podfence.Kubernetes;

namespace Podfence.Cli;

/// <summary>The cluster behind an API server, as it is now.</summary>
/// <param name="access">How the server is reached.</param>
/// <param name="terminal">Where progress is shown.</param>
internal sealed class LiveClusterSource(ClusterAccess access, Terminal terminal) : IClusterSource
{
    /// <inheritdoc/>
    public async Task<ClusterInput> ReadAsync(CancellationToken cancellationToken)
    {
        using var line = new ProgressLine(terminal);
        using var client = new KubeClient(access);
        try
        {
            return ManifestSource.Of(
                await new ClusterLister(client).ListAsync(new Counts(line, access), cancellationToken)
            );
        }
        catch (ClusterListException fault)
        {
            throw new CliException(fault.Message, fault);
        }
    }

    private sealed class Counts(ProgressLine line, ClusterAccess access) : IProgress<ListProgress>
    {
        private readonly ConcurrentDictionary<string, int> _objects = new(StringComparer.Ordinal);

        public void Report(ListProgress value)
        {
            _objects[value.Resource] = value.Objects;
            line.Report(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"reading {access.Origin}: {_objects.Values.Sum():N0} objects, "
                        + $"{_objects.GetValueOrDefault("pods"):N0} of them pods"
                )
            );
        }
    }
}
