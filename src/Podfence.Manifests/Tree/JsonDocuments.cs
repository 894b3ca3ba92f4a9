using System.Text.Json;
using Podfence.Base;

namespace Podfence.Manifests;

/// <summary>Builds trees from JSON text with one or more values.</summary>
internal ref struct JsonDocuments
{
    private const string Remedy = "check quotes, commas and brackets there";

    private readonly ReadOnlySpan<byte> _text;
    private readonly bool _positions;
    private readonly List<SyntaxError> _errors = [];
    private Utf8JsonReader _reader;
    private int _line = 1;
    private int _lineStart;
    private int _counted;

    private JsonDocuments(ReadOnlySpan<byte> text, bool positions)
    {
        _text = text;
        _positions = positions;
        _reader = new Utf8JsonReader(
            text,
            new JsonReaderOptions { MaxDepth = TreeLimits.MaxDepth, AllowMultipleValues = true }
        );
    }

    /// <summary>
    /// Reads every value of the text. Never throws for any text; values before malformed text are kept.
    /// </summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="positions">Whether to count lines, which costs a pass over the text.</param>
    public static List<TreeDocument> Read(ReadOnlySpan<byte> text, bool positions = true)
    {
        var documents = new List<TreeDocument>();
        var json = new JsonDocuments(text, positions);
        try
        {
            while (json._reader.Read())
            {
                var root = json.ReadNode(Projection.All);
                documents.Add(new(root, [.. json._errors]));
                json._errors.Clear();
            }
        }
        catch (JsonException error)
        {
            documents.Add(
                new(null, [new((int)(error.LineNumber ?? 0) + 1, $"not JSON: {Clean(error.Message)}", Remedy)])
            );
        }
        catch (InvalidOperationException error)
        {
            // A string that is not UTF-8 or has half a surrogate pair: the reader detects it only when the string is
            // read.
            const string SaveAsUtf8 = "save the file as UTF-8, and replace half surrogate pairs with whole characters";
            documents.Add(new(null, [new(json.Place().Line, $"not JSON: {error.Message}", SaveAsUtf8)]));
        }

        return documents;
    }

    /// <summary>
    /// Reads the fields of one value that a projection has, without positions. Never throws for any text.
    /// </summary>
    /// <param name="text">UTF-8, one value.</param>
    /// <param name="projection">The fields to read; the rest is skipped without being kept in memory.</param>
    /// <param name="errors">The syntax errors.</param>
    /// <returns>The value; null if the text is malformed.</returns>
    public static TreeNode? ReadOne(
        ReadOnlySpan<byte> text,
        Projection projection,
        out IReadOnlyList<SyntaxError> errors
    )
    {
        var json = new JsonDocuments(text, positions: false);
        errors = json._errors;
        try
        {
            json._reader.Read();
            var root = json.ReadNode(projection);
            if (!json._reader.Read())
            {
                return root;
            }

            json._errors.Add(new(0, "not JSON: more than one value"));
        }
        catch (JsonException error)
        {
            json._errors.Add(new(0, $"not JSON: {Clean(error.Message)}"));
        }
        catch (InvalidOperationException error)
        {
            json._errors.Add(new(0, $"not JSON: {error.Message}"));
        }

        return null;
    }

    private TreeNode ReadNode(Projection projection)
    {
        var (line, column) = Place();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadMap(projection, line, column);
            case JsonTokenType.StartArray:
                var list = new TreeList(line, column);
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(ReadNode(projection));
                }

                return list;
            case JsonTokenType.String:
                return new TreeScalar(_reader.GetString() ?? "", ScalarKind.String, line, column);
            case JsonTokenType.Number:
                var isInteger = !_reader.ValueSpan.ContainsAny(".eE"u8);
                return new TreeScalar(
                    System.Text.Encoding.ASCII.GetString(_reader.ValueSpan),
                    isInteger ? ScalarKind.Integer : ScalarKind.Float,
                    line,
                    column
                );
            case JsonTokenType.True:
                return new TreeScalar("true", ScalarKind.Bool, line, column);
            case JsonTokenType.False:
                return new TreeScalar("false", ScalarKind.Bool, line, column);
            default:
                return new TreeScalar("null", ScalarKind.Null, line, column);
        }
    }

    private TreeMap ReadMap(Projection projection, int line, int column)
    {
        var map = new TreeMap(line, column);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            if (!projection.TryEnter(ref _reader, out var key, out var inner))
            {
                _reader.Skip();
                continue;
            }

            var keyLine = Place().Line;
            _reader.Read();
            if (!map.TryAdd(key, keyLine, ReadNode(inner)))
            {
                var first = map.Entries.Find(entry => entry.Key == key);
                _errors.Add(
                    new(
                        keyLine,
                        $"key {GoText.Quote(key)} already set in map",
                        $"it is set at line {first.Line}; keep one"
                    )
                );
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

    // The reader ends its messages with a position, which the error has already.
    private static string Clean(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
