namespace Podfence.Analysis;

/// <summary>Another source without its policies.</summary>
/// <param name="source">The other source.</param>
public sealed class WithoutPolicies(IClusterSource source) : IClusterSource
{
    /// <inheritdoc/>
    public async Task<ClusterInput> ReadAsync(CancellationToken cancellationToken)
    {
        var input = await source.ReadAsync(cancellationToken).ConfigureAwait(false);
        return input.Copy(withPolicies: false);
    }
}
