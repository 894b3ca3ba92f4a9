using System.Text;

namespace Podfence.Kubernetes;

/// <summary>
/// The credentials of a kubeconfig's user or a service account: a token, a name and password, a certificate. Files are
/// read for each request.
/// </summary>
internal sealed class UserCredentials : CredentialSource
{
    /// <summary>The bearer token.</summary>
    public TextSource? Token { get; init; }

    /// <summary>A user's name, with a password.</summary>
    public string? Username { get; init; }

    /// <summary>The password.</summary>
    public string? Password { get; init; }

    /// <summary>The client certificate.</summary>
    public PemSource? Certificate { get; init; }

    /// <summary>The certificate's key.</summary>
    public PemSource? Key { get; init; }

    /// <inheritdoc/>
    public override ValueTask<Credential> GetAsync(bool refresh, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Read());

    private Credential Read()
    {
        string? authorization = null;
        if (Token is not null)
        {
            authorization = "Bearer " + Token.ReadText();
        }
        else if (Username is not null)
        {
            authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}"));
        }

        return new Credential(authorization, Certificate?.ReadPem("CERTIFICATE"), Key?.ReadPem("KEY"));
    }
}
