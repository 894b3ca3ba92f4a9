namespace Podfence.Analysis;

/// <summary>The objects of one source with those of another applied to them.</summary>
/// <param name="below">The existing objects.</param>
/// <param name="above">The objects to apply. They replace objects of the same kind and name; nothing is
/// removed.</param>
public sealed class OverlaySource(IClusterSource below, IClusterSource above) : IClusterSource
{
    /// <inheritdoc/>
    public async Task<ClusterInput> ReadAsync(CancellationToken cancellationToken)
    {
        // Files first: what is wrong with them is known without a cluster.
        var upper = await above.ReadAsync(cancellationToken).ConfigureAwait(false);
        return upper.HasErrors
            ? upper
            : Overlay.Of(await below.ReadAsync(cancellationToken).ConfigureAwait(false), upper);
    }
}
