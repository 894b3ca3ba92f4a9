namespace Podfence.Analysis;

/// <summary>What if: the objects of one source, as they would be once those of another were applied to them.</summary>
/// <param name="below">What there is.</param>
/// <param name="above">What is to be applied. It takes the place of what has the same kind and name; nothing is removed.</param>
public sealed class OverlaySource(IClusterSource below, IClusterSource above) : IClusterSource
{
    /// <inheritdoc/>
    public async Task<ClusterInput> ReadAsync(CancellationToken cancellationToken)
    {
        // Files first: what is wrong with them is known without a cluster.
        var upper = await above.ReadAsync(cancellationToken).ConfigureAwait(false);
        return upper.HasErrors ? upper : Overlay.Of(await below.ReadAsync(cancellationToken).ConfigureAwait(false), upper);
    }
}
