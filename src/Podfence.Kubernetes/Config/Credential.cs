namespace Podfence.Kubernetes;

/// <summary>Who we are to the API server, for the next request. Not a record: those print what they hold.</summary>
internal sealed class Credential(string? authorization, byte[]? certificatePem, byte[]? keyPem)
{
    /// <summary>The Authorization header, or null.</summary>
    public string? Authorization { get; } = authorization;

    /// <summary>The client certificate, with the certificates that signed it; null for none.</summary>
    public byte[]? CertificatePem { get; } = certificatePem;

    /// <summary>The certificate's key.</summary>
    public byte[]? KeyPem { get; } = keyPem;

    /// <summary>Whether a request with the other would be any different.</summary>
    public bool IsSameAs(Credential other) =>
        string.Equals(Authorization, other.Authorization, StringComparison.Ordinal)
        && CertificatePem.AsSpan().SequenceEqual(other.CertificatePem)
        && KeyPem.AsSpan().SequenceEqual(other.KeyPem);

    /// <summary>Nothing secret.</summary>
    public override string ToString() => "credential";
}

/// <summary>Where credentials come from. Safe for several threads.</summary>
internal abstract class CredentialSource
{
    /// <summary>The credential to use now.</summary>
    /// <param name="anew">Whether one that is remembered will not do, because the server has refused it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AccessException">There is none.</exception>
    public abstract ValueTask<Credential> GetAsync(bool anew, CancellationToken cancellationToken);
}
