using System.Globalization;
using Podfence.Base;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Podfence.Manifests;

/// <summary>
/// Builds trees from the parser's events. Aliases share the anchored value, so the tree is not larger than the text;
/// the values that readers visit are limited by <see cref="TreeLimits.MaxAliasedValues"/>.
/// </summary>
internal sealed class YamlTreeBuilder
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    private readonly Parser _parser;
    private readonly int _lineOffset;
    private readonly TextLines _lines;
    private readonly Dictionary<string, TreeNode> _anchors = new(StringComparer.Ordinal);
    private List<SyntaxError> _errors = [];
    private long _aliased;

    public YamlTreeBuilder(string text, int lineOffset)
    {
        _parser = new Parser(new StringReader(text));
        _lineOffset = lineOffset;
        _lines = new TextLines(text);
    }

    /// <summary>The next document, or null after the last.</summary>
    /// <exception cref="YamlException">The text is not YAML; nothing can be read after it.</exception>
    public TreeDocument? ReadDocument()
    {
        _anchors.Clear();
        _errors = [];
        _aliased = 0;
        while (_parser.MoveNext())
        {
            if (_parser.Current is DocumentStart && _parser.MoveNext())
            {
                var root = ReadNode(0);
                return new(root, _errors);
            }
        }

        return null;
    }

    /// <summary>The line that was read last, in the whole stream.</summary>
    public int Line => _parser.Current is { } at ? PlaceOf(at).Line : _lineOffset + 1;

    private ParsingEvent Current => _parser.Current ?? throw new YamlException("the document ends too early");

    // Reads the node that starts at the current event and leaves the parser on the node's last event.
    private TreeNode ReadNode(int depth)
    {
        var (line, column) = PlaceOf(Current);
        switch (Current)
        {
            case Scalar scalar:
                return Anchored(scalar.Anchor, new TreeScalar(scalar.Value, KindOf(scalar), line, column));
            case AnchorAlias alias:
                return Resolve(alias, line, column);
            case NodeEvent when depth >= TreeLimits.MaxDepth:
                // Not read any further: the cost of each further level grows with the depth.
                throw new NestingException(line);
            case SequenceStart start:
                return Anchored(start.Anchor, ReadList(depth, line, column));
            case MappingStart start:
                return Anchored(start.Anchor, ReadMap(depth, line, column));
            default:
                throw new YamlException(Current.Start, Current.End, "unexpected end of the document");
        }
    }

    private TreeList ReadList(int depth, int line, int column)
    {
        var list = new TreeList(line, column);
        while (Next() is not SequenceEnd)
        {
            list.Add(ReadNode(depth + 1));
        }

        return list;
    }

    private TreeMap ReadMap(int depth, int line, int column)
    {
        var map = new TreeMap(line, column);
        var merged = new List<TreeNode>();
        while (Next() is not MappingEnd)
        {
            var (keyLine, _) = PlaceOf(Current);
            var isMerge = Current is Scalar { Style: ScalarStyle.Plain, Value: "<<" };
            var key = ReadNode(depth + 1);
            Next();
            var value = ReadNode(depth + 1);
            if (isMerge)
            {
                merged.Add(value);
            }
            else if (KeyText(key) is not { } text)
            {
                _errors.Add(
                    new(keyLine, $"a map key must be text, found {key.TypeName}", "quote the key, or remove the braces")
                );
            }
            else if (!map.TryAdd(text, keyLine, value))
            {
                var first = map.Entries.Find(entry => entry.Key == text);
                _errors.Add(
                    new(
                        keyLine,
                        $"key {GoText.Quote(text)} already set in map",
                        $"it is set at line {first.Line}; keep one"
                    )
                );
            }
        }

        merged.ForEach(value => Merge(map, value));
        return map;
    }

    // Keys of the map itself take precedence over merged ones, and of several merged maps the first takes precedence.
    private void Merge(TreeMap map, TreeNode value)
    {
        switch (value)
        {
            case TreeMap source:
                foreach (var entry in source.Entries)
                {
                    map.TryAdd(entry.Key, entry.Line, entry.Value);
                }

                break;
            case TreeList list when list.Items.TrueForAll(static item => item is TreeMap):
                list.Items.ForEach(item => Merge(map, item));
                break;
            default:
                _errors.Add(
                    new(
                        value.Line,
                        "map merge requires map or sequence of maps as the value",
                        "write <<: *anchor, with an anchor at a map"
                    )
                );
                break;
        }
    }

    private TreeNode Resolve(AnchorAlias alias, int line, int column)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
        {
            _errors.Add(
                new(
                    line,
                    $"unknown anchor {GoText.Quote(alias.Value.Value)} referenced",
                    "define it above with &, in the same document"
                )
            );
            return new TreeScalar("", ScalarKind.Null, line, column);
        }

        _aliased += node.Weight;
        if (_aliased > TreeLimits.MaxAliasedValues)
        {
            throw new YamlException(
                alias.Start,
                alias.End,
                $"the aliases of the document expand to more than {TreeLimits.MaxAliasedValues} values"
            );
        }

        return node;
    }

    private TreeNode Anchored(AnchorName anchor, TreeNode node)
    {
        if (!anchor.IsEmpty)
        {
            _anchors[anchor.Value] = node;
        }

        return node;
    }

    private ParsingEvent Next() =>
        _parser.MoveNext() ? Current : throw new YamlException("the document ends too early");

    private (int Line, int Column) PlaceOf(ParsingEvent at) =>
        (_lines.Of(at.Start) + _lineOffset, (int)at.Start.Column);

    // As the API server: a number or boolean as a key becomes its canonical text.
    private static string? KeyText(TreeNode key) =>
        key is not TreeScalar scalar
            ? null
            : scalar.Kind switch
            {
                ScalarKind.Null => null,
                ScalarKind.Bool => YamlScalar.IsTrue(scalar.Text) ? "true" : "false",
                ScalarKind.Integer when YamlScalar.TryInteger(scalar.Text, out var number) => number.ToString(
                    CultureInfo.InvariantCulture
                ),
                _ => scalar.Text,
            };

    private static ScalarKind KindOf(Scalar scalar)
    {
        if (scalar.Tag.IsEmpty)
        {
            return scalar.Style == ScalarStyle.Plain ? YamlScalar.KindOf(scalar.Value) : ScalarKind.String;
        }

        return scalar.Tag.IsNonSpecific || scalar.Tag.Value is TagPrefix + "str" or TagPrefix + "binary"
            ? ScalarKind.String
            : YamlScalar.KindOf(scalar.Value);
    }
}
