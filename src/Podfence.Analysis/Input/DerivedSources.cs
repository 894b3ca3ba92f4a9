namespace Podfence.Analysis;

/// <summary>Another source without its policies: who is there, and nothing of what they may.</summary>
/// <param name="source">The other source.</param>
public sealed class WithoutPolicies(IClusterSource source) : IClusterSource
{
    /// <inheritdoc/>
    public async Task<ClusterInput> ReadAsync(CancellationToken cancellationToken) =>
        DiffSides.Copy(await source.ReadAsync(cancellationToken).ConfigureAwait(false), withPolicies: false);
}
