using System.Text;

namespace Podfence.Kubernetes;

/// <summary>
/// A value that a kubeconfig contains, or names a file for. A file is read each time: it may rotate, and reading it
/// costs far less than a request.
/// </summary>
internal class TextSource
{
    private readonly string? _file;
    private readonly byte[]? _value;
    private readonly string _at;

    private protected TextSource(string? file, byte[]? value, string at)
    {
        _file = file;
        _value = value;
        _at = at;
    }

    /// <summary>A fixed value.</summary>
    public static TextSource OfValue(string value) => new(null, Encoding.UTF8.GetBytes(value), "");

    /// <summary>A file, named by a field of another.</summary>
    public static TextSource OfFile(string file, string at) => new(file, null, at);

    /// <summary>The text without surrounding white space.</summary>
    /// <exception cref="AccessException">The file cannot be read or is empty.</exception>
    public string ReadText()
    {
        var text = Encoding.UTF8.GetString(ReadBytes()).Trim();
        return text.Length > 0
            ? text
            : throw new AccessException($"{_at}: {_file} is empty (wait until it is written, or name another)");
    }

    /// <summary>The bytes.</summary>
    /// <exception cref="AccessException">The file cannot be read.</exception>
    public byte[] ReadBytes()
    {
        if (_value is not null)
        {
            return _value;
        }

        try
        {
            return File.ReadAllBytes(_file!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new AccessException(
                $"{_at}: {_file} cannot be read: {fault.Message} (name a file that can be read)",
                fault
            );
        }
    }

    /// <summary>Contains no secret.</summary>
    public override string ToString() => _file ?? "value";

    /// <summary>Where the value is, for messages.</summary>
    protected string Place => _file is null ? _at : $"{_at}: {_file}";
}

/// <summary>Certificates or a key in PEM.</summary>
internal sealed class PemSource : TextSource
{
    private PemSource(string? file, byte[]? value, string at)
        : base(file, value, at) { }

    /// <summary>Fixed PEM.</summary>
    public static PemSource OfPem(byte[] value, string at) => new(null, value, at);

    /// <summary>A file of PEM.</summary>
    public static PemSource OfPemFile(string file, string at) => new(file, null, at);

    /// <summary>The PEM, which has to contain a block of this label.</summary>
    /// <param name="label">CERTIFICATE or KEY.</param>
    /// <exception cref="AccessException">The file cannot be read, or has no such block.</exception>
    public byte[] ReadPem(string label)
    {
        var pem = ReadBytes();
        return pem.AsSpan().IndexOf(Encoding.ASCII.GetBytes(label + "-----")) >= 0
            ? pem
            : throw new AccessException($"{Place}: no {label} in PEM form (it begins with -----BEGIN)");
    }
}
