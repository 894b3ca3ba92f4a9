using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Podfence.Model;
using Podfence.Rules;

namespace Podfence.Policy;

/// <summary>
/// Names of kernel objects: a part for people, and 125 bits of SHA-256 over the identity, which even a tenant who chooses names and labels at will cannot make collide.
/// Only letters, digits, <c>/ - _ .</c>, which nft takes unquoted.
/// </summary>
internal static class StableName
{
    private const int HashLength = 25;
    private const int MostReadable = 60;
    private const int MostDescribed = 200;
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The name of a fence.</summary>
    public static string OfFence(FenceKey key)
    {
        var identity = new Identity();
        foreach (var policy in key.Policies)
        {
            identity.Add(policy.Namespace).Add(policy.Name);
        }

        identity.Add("ports");
        foreach (var port in key.NamedPorts)
        {
            identity.Add(port.Name).Add(port.Protocol.ToString());
            foreach (var number in port.Numbers)
            {
                identity.Add(number.ToString());
            }

            identity.Add(string.Empty);
        }

        var direction = key.Direction == Direction.Ingress ? "ingress" : "egress";
        return Compose($"{direction}/{Text(key.Family)}", key.Policies[0].ToString(), identity);
    }

    /// <summary>The identity of a set.</summary>
    /// <param name="prefix">What kind of set it is, for people.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="family">The family.</param>
    /// <param name="identity">Text that differs wherever the content may.</param>
    /// <param name="description">What the set stands for, for people; it follows from the identity.</param>
    public static SetId OfSet(string prefix, SetKind kind, IpFamily family, string identity, string description) =>
        new(Compose($"{prefix}-{Text(family)}", description, new Identity().Add(identity)), kind, family) { Description = description.Length <= MostDescribed ? description : $"{description[..MostDescribed]}.." };

    /// <summary>The hash of a text.</summary>
    public static string Hash(string text) => new Identity().Add(text).Hash();

    private static string Text(IpFamily family) => family == IpFamily.IPv4 ? "v4" : "v6";

    private static string Compose(string prefix, string readable, Identity identity)
    {
        var name = new StringBuilder(prefix).Append('/');
        var start = name.Length;
        foreach (var letter in readable)
        {
            if (name.Length - start == MostReadable)
            {
                break;
            }

            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '/')
            {
                name.Append(letter);
            }
            else if (name.Length > start && name[^1] != '_')
            {
                name.Append('_');
            }
        }

        return name.Append('/').Append(identity.Hash()).ToString();
    }

    /// <summary>Length-prefixed parts, so that no two lists of parts read alike.</summary>
    private sealed class Identity
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public Identity Add(string part)
        {
            Span<byte> length = stackalloc byte[4];
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            _hash.AppendData(length);
            _hash.AppendData(bytes);
            return this;
        }

        public string Hash()
        {
            Span<byte> digest = stackalloc byte[32];
            _hash.GetHashAndReset(digest);
            _hash.Dispose();
            var bits = BinaryPrimitives.ReadUInt128BigEndian(digest);
            return string.Create(HashLength, bits, static (text, bits) =>
            {
                for (var i = 0; i < text.Length; i++, bits <<= 5)
                {
                    text[i] = Base32[(int)(bits >> 123)];
                }
            });
        }
    }
}
