using System.Buffers;

namespace Podfence.Kubernetes;

/// <summary>Finds where a JSON value ends, in bytes that arrive bit by bit; none is looked at twice. It counts brackets and strings and judges nothing else.</summary>
internal struct JsonValueScanner
{
    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> s_afterScalar = SearchValues.Create(",]} \t\r\n"u8);
    private int _at;
    private int _depth;
    private bool _isInString;

    /// <summary>Looks at a value from its first byte.</summary>
    /// <param name="value">What there is of it and behind it; each time with more at the end.</param>
    /// <returns>Its length; -1 where the end has not come.</returns>
    public int Find(ReadOnlySpan<byte> value)
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
            var found = _isInString ? value[_at..].IndexOfAny((byte)'"', (byte)'\\') : value[_at..].IndexOfAny(s_structure);
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

    /// <summary>So many bytes of the value's beginning will not be shown again.</summary>
    public void Drop(int count) => _at -= count;
}
