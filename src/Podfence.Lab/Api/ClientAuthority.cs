using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Podfence.Lab;

/// <summary>A certificate authority for the clients of an API server.</summary>
public static class ClientAuthority
{
    private const string Certificate = "clients.crt";
    private const string Key = "clients.key";

    /// <summary>Creates an authority: <c>clients.crt</c> and <c>clients.key</c> in a directory.</summary>
    internal static void Write(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=podfence lab clients", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: true,
                hasPathLengthConstraint: false,
                0,
                critical: true
            )
        );
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(1));
        File.WriteAllText(Path.Combine(folder, Certificate), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, Key), key.ExportECPrivateKeyPem());
    }

    /// <summary>Issues a client certificate.</summary>
    /// <param name="folder">The directory of the authority.</param>
    /// <param name="user">The user's name (CN).</param>
    /// <param name="group">The user's group (O); null for none.</param>
    /// <returns>Certificate and key as PEM.</returns>
    public static (string Certificate, string Key) Issue(string folder, string user, string? group = null)
    {
        using var authority = X509Certificate2.CreateFromPemFile(
            Path.Combine(folder, Certificate),
            Path.Combine(folder, Key)
        );
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            group is null ? $"CN={user}" : $"O={group}, CN={user}",
            key,
            HashAlgorithmName.SHA256
        );
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false)
        );
        using var certificate = request.Create(
            authority,
            new DateTimeOffset(authority.NotBefore),
            new DateTimeOffset(authority.NotAfter),
            RandomNumberGenerator.GetBytes(8)
        );
        return (certificate.ExportCertificatePem(), key.ExportECPrivateKeyPem());
    }
}
