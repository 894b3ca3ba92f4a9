using System.Text.Json;
using Podfence.Base;

namespace Podfence.Manifests;

/// <summary>Builds trees from JSON text: one value or several, one after another.</summary>
internal ref struct JsonDocuments
{
    private const string Remedy = "check quotes, commas and brackets there";

    private readonly ReadOnlySpan<byte> _text;
    private readonly bool _positions;
    private readonly List<SyntaxFault> _faults = [];
    private Utf8JsonReader _reader;
    private int _line = 1;
    private int _lineStart;
    private int _counted;

    private JsonDocuments(ReadOnlySpan<byte> text, bool positions)
    {
        _text = text;
        _positions = positions;
        _reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = TreeLimits.Depth, AllowMultipleValues = true });
    }

    /// <summary>Reads every value of the text. Never throws for any text; what stands before broken text is kept.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="positions">Whether lines are wanted: they cost a pass over the text.</param>
    public static List<TreeDocument> Read(ReadOnlySpan<byte> text, bool positions = true)
    {
        var documents = new List<TreeDocument>();
        var json = new JsonDocuments(text, positions);
        try
        {
            while (json._reader.Read())
            {
                var root = json.ReadNode(Projection.All);
                documents.Add(new(root, [.. json._faults]));
                json._faults.Clear();
            }
        }
        catch (JsonException fault)
        {
            documents.Add(new(null, [new((int)(fault.LineNumber ?? 0) + 1, $"not JSON: {Clean(fault.Message)}", Remedy)]));
        }
        catch (InvalidOperationException fault)
        {
            // A string that is no UTF-8 or has half a surrogate pair: the reader finds out when the text is taken.
            documents.Add(new(null, [new(json.Place().Line, $"not JSON: {fault.Message}", "save the file as UTF-8, and write half a surrogate pair as the character that is meant")]));
        }

        return documents;
    }

    /// <summary>Reads the fields of one value that a projection names, without places. Never throws for any text.</summary>
    /// <param name="text">UTF-8, one value.</param>
    /// <param name="shape">What of it is wanted; the rest is passed over without being taken into memory.</param>
    /// <param name="faults">What is wrong with the text.</param>
    /// <returns>The value; null where the text is broken.</returns>
    public static TreeNode? ReadOne(ReadOnlySpan<byte> text, Projection shape, out IReadOnlyList<SyntaxFault> faults)
    {
        var json = new JsonDocuments(text, positions: false);
        faults = json._faults;
        try
        {
            json._reader.Read();
            var root = json.ReadNode(shape);
            if (!json._reader.Read())
            {
                return root;
            }

            json._faults.Add(new(0, "not JSON: more than one value"));
        }
        catch (JsonException fault)
        {
            json._faults.Add(new(0, $"not JSON: {Clean(fault.Message)}"));
        }
        catch (InvalidOperationException fault)
        {
            json._faults.Add(new(0, $"not JSON: {fault.Message}"));
        }

        return null;
    }

    private TreeNode ReadNode(Projection shape)
    {
        var (line, column) = Place();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadMap(shape, line, column);
            case JsonTokenType.StartArray:
                var list = new TreeList(line, column);
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(ReadNode(shape));
                }

                return list;
            case JsonTokenType.String:
                return new TreeScalar(_reader.GetString() ?? "", ScalarKind.String, line, column);
            case JsonTokenType.Number:
                var isInteger = !_reader.ValueSpan.ContainsAny(".eE"u8);
                return new TreeScalar(System.Text.Encoding.ASCII.GetString(_reader.ValueSpan), isInteger ? ScalarKind.Integer : ScalarKind.Float, line, column);
            case JsonTokenType.True:
                return new TreeScalar("true", ScalarKind.Bool, line, column);
            case JsonTokenType.False:
                return new TreeScalar("false", ScalarKind.Bool, line, column);
            default:
                return new TreeScalar("null", ScalarKind.Null, line, column);
        }
    }

    private TreeMap ReadMap(Projection shape, int line, int column)
    {
        var map = new TreeMap(line, column);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            if (!shape.TryEnter(ref _reader, out var key, out var inner))
            {
                _reader.Skip();
                continue;
            }

            var keyLine = Place().Line;
            _reader.Read();
            if (!map.TryAdd(key, keyLine, ReadNode(inner)))
            {
                var first = map.Entries.Find(entry => entry.Key == key);
                _faults.Add(new(keyLine, $"key {GoText.Quote(key)} already set in map", $"it is set at line {first.Line}; keep one"));
            }
        }

        return map;
    }

    private (int Line, int Column) Place()
    {
        if (!_positions)
        {
            return (0, 0);
        }

        var at = (int)_reader.TokenStartIndex;
        while (_counted < at)
        {
            var newline = _text[_counted..at].IndexOf((byte)'\n');
            if (newline < 0)
            {
                break;
            }

            _counted += newline + 1;
            _lineStart = _counted;
            _line++;
        }

        _counted = at;
        return (_line, at - _lineStart + 1);
    }

    // The reader ends its messages with a position, which is in the fault already.
    private static string Clean(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
