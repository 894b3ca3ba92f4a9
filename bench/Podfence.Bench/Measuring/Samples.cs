namespace Podfence.Bench;

/// <summary>Values of one quantity, measured again and again.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];
    private bool _sorted = true;

    public Samples() { }

    public Samples(IEnumerable<double> values)
    {
        _values.AddRange(values);
        _sorted = false;
    }

    public int Count => _values.Count;

    /// <summary>All of them, in no order.</summary>
    public IReadOnlyList<double> Values => _values;

    public double Median => Quantile(0.5);

    /// <summary>The middle half lies between these two: what one bad moment of the machine does not move.</summary>
    public (double Low, double High) Spread => (Quantile(0.25), Quantile(0.75));

    public void Add(double value)
    {
        _values.Add(value);
        _sorted = false;
    }

    /// <summary>The quantile, between neighbours in proportion.</summary>
    public double Quantile(double q)
    {
        if (_values.Count == 0)
        {
            return double.NaN;
        }

        if (!_sorted)
        {
            _values.Sort();
            _sorted = true;
        }

        var position = q * (_values.Count - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, _values.Count - 1);
        return _values[below] + ((position - below) * (_values[above] - _values[below]));
    }
}
