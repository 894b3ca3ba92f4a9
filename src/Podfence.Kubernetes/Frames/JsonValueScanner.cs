using System.Buffers;

namespace Podfence.Kubernetes;

/// <summary>
/// Finds the end of a JSON value in bytes that arrive piece by piece; no byte is scanned twice. It counts brackets and
/// strings, and validates nothing else.
/// </summary>
internal struct JsonValueScanner
{
    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> s_afterScalar = SearchValues.Create(",]} \t\r\n"u8);
    private int _at;
    private int _depth;
    private bool _isInString;

    /// <summary>Scans a value from its first byte; called again with more bytes until the end is found.</summary>
    /// <param name="value">The value's bytes so far, and what follows it.</param>
    /// <returns>The value's length; -1 if its end has not arrived.</returns>
    public int FindEnd(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return -1;
        }

        if (_depth == 0 && !_isInString && !s_structure.Contains(value[0]))
        {
            return value.IndexOfAny(s_afterScalar);
        }

        while (_at < value.Length)
        {
            var rest = value[_at..];
            var found = _isInString ? rest.IndexOfAny((byte)'"', (byte)'\\') : rest.IndexOfAny(s_structure);
            if (found < 0)
            {
                _at = value.Length;
                break;
            }

            _at += found;
            switch (value[_at])
            {
                case (byte)'\\':
                    _at++;
                    break;
                case (byte)'"':
                    _isInString = !_isInString;
                    break;
                case (byte)'{' or (byte)'[':
                    _depth++;
                    break;
                default:
                    _depth--;
                    break;
            }

            _at++;
            if (_depth <= 0 && !_isInString)
            {
                return _at;
            }
        }

        return -1;
    }

    /// <summary>The caller has dropped bytes from the beginning of the value.</summary>
    public void Drop(int count) => _at -= count;
}
