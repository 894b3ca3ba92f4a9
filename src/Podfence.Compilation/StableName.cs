using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Podfence.Base;
using Podfence.Model;

namespace Podfence.Compilation;

/// <summary>
/// Names of kernel objects: a readable part if there is room, and 125 bits of SHA-256 over the identity, so that even a
/// tenant who chooses names and labels freely cannot make two names collide. Only letters, digits and <c>/ - _ .</c>,
/// which nft accepts unquoted.
/// </summary>
internal static class StableName
{
    private const int HashLength = 25;
    private const int MaxReadableLength = 60;
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The part after direction and family in the name of a fence.</summary>
    public static string FenceNameSuffix(EquatableArray<PolicyKey> policies, EquatableArray<ResolvedPort> ports)
    {
        using var identity = new Identity();
        foreach (var policy in policies)
        {
            identity.Add(policy.Namespace);
            identity.Add(policy.Name);
        }

        identity.Add("ports");
        foreach (var port in ports)
        {
            identity.Add(port.Name);
            identity.Add(port.Protocol.ToString());
            foreach (var number in port.Numbers)
            {
                identity.Add(number.ToString(CultureInfo.InvariantCulture));
            }

            identity.Add(string.Empty);
        }

        return Compose(policies[0].ToString(), identity.Hash());
    }

    public static string Hash(string text)
    {
        using var identity = new Identity();
        identity.Add(text);
        return identity.Hash();
    }

    private static string Compose(string readable, string hash)
    {
        Span<char> name = stackalloc char[MaxReadableLength + HashLength + 2];
        name[0] = '/';
        var length = 1;
        foreach (var letter in readable)
        {
            if (length == MaxReadableLength + 1)
            {
                break;
            }

            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '/')
            {
                name[length++] = letter;
            }
            else if (length > 1 && name[length - 1] != '_')
            {
                name[length++] = '_';
            }
        }

        name[length++] = '/';
        hash.CopyTo(name[length..]);
        return new string(name[..(length + HashLength)]);
    }

    /// <summary>Length-prefixed parts, so that no two lists of parts give the same bytes.</summary>
    private ref struct Identity() : IDisposable
    {
        private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1024);
        private int _length;

        public void Add(string part)
        {
            var needed = _length + sizeof(int) + Encoding.UTF8.GetMaxByteCount(part.Length);
            if (needed > _bytes.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _bytes.Length));
                _bytes.AsSpan(0, _length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_bytes);
                _bytes = larger;
            }

            var length = Encoding.UTF8.GetBytes(part, _bytes.AsSpan(_length + sizeof(int)));
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_length), length);
            _length += sizeof(int) + length;
        }

        public readonly string Hash()
        {
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(_bytes.AsSpan(0, _length), digest);
            var bits = BinaryPrimitives.ReadUInt128BigEndian(digest);
            return string.Create(HashLength, bits, static (text, bits) =>
            {
                for (var i = 0; i < text.Length; i++, bits <<= 5)
                {
                    text[i] = Base32[(int)(bits >> 123)];
                }
            });
        }

        public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
    }
}
