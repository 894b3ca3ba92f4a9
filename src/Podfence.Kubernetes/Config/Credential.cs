namespace Podfence.Kubernetes;

/// <summary>The client's identity for the next request. Not a record, because records print their content.</summary>
internal sealed class Credential(string? authorization, byte[]? certificatePem, byte[]? keyPem)
{
    /// <summary>The Authorization header, or null.</summary>
    public string? Authorization { get; } = authorization;

    /// <summary>The client certificate, with its intermediate certificates; null for none.</summary>
    public byte[]? CertificatePem { get; } = certificatePem;

    /// <summary>The certificate's key.</summary>
    public byte[]? KeyPem { get; } = keyPem;

    /// <summary>Whether a request with the other would be the same.</summary>
    public bool IsSameAs(Credential other) =>
        string.Equals(Authorization, other.Authorization, StringComparison.Ordinal)
        && CertificatePem.AsSpan().SequenceEqual(other.CertificatePem)
        && KeyPem.AsSpan().SequenceEqual(other.KeyPem);

    /// <summary>Contains no secret.</summary>
    public override string ToString() => "credential";
}

/// <summary>Where credentials come from. Safe for several threads.</summary>
internal abstract class CredentialSource
{
    /// <summary>The credential for the next request.</summary>
    /// <param name="refresh">Whether a cached one must not be used, because the server has rejected it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="AccessException">There is none.</exception>
    public abstract ValueTask<Credential> GetAsync(bool refresh, CancellationToken cancellationToken);
}
