namespace Podfence.Analysis;

/// <summary>Gives equal values the same number, from 0 in the order of addition.</summary>
internal sealed class Interner<T>
    where T : notnull
{
    private readonly Dictionary<T, int> _numbers;
    private readonly List<T> _values = [];

    public Interner(IEqualityComparer<T>? comparer = null) => _numbers = new(comparer);

    /// <summary>How many different values there are.</summary>
    public int Count => _values.Count;

    /// <summary>The first value that was given a number.</summary>
    public T this[int number] => _values[number];

    /// <summary>The number of a value.</summary>
    public int Of(T value)
    {
        if (!_numbers.TryGetValue(value, out var number))
        {
            number = _values.Count;
            _numbers[value] = number;
            _values.Add(value);
        }

        return number;
    }
}

/// <summary>Compares ascending lists of numbers by content.</summary>
internal sealed class SequenceComparer : IEqualityComparer<int[]>
{
    public static readonly SequenceComparer Instance = new();

    public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(int[] obj)
    {
        var hash = default(HashCode);
        foreach (var item in obj)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }
}
