using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Podfence.TestKit;

/// <summary>An authority and certificates that it signs.</summary>
public sealed class TestPki : IDisposable
{
    private static readonly DateTimeOffset s_begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;
    private int _serial;

    public TestPki()
    {
        var request = new CertificateRequest("CN=test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(s_begin, s_begin.AddYears(50));
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityPem => _authority.ExportCertificatePem();

    /// <summary>A certificate and its key.</summary>
    /// <param name="subject">Its distinguished name; an organization is a group to the API server.</param>
    /// <param name="names">Hosts and addresses that it is good for.</param>
    public (string Certificate, string Key) Sign(string subject, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var also = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                also.AddIpAddress(address);
            }
            else
            {
                also.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(also.Build());
        using var certificate = request.Create(
            _authority,
            s_begin,
            s_begin.AddYears(40),
            BitConverter.GetBytes(++_serial)
        );
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }
}
