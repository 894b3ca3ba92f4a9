namespace Podfence.Manifests.Tests;

/// <summary>YAML as the API server reads it, traps included.</summary>
public sealed class YamlTreeTests
{
    [Theory]
    [InlineData("80", "number")]
    [InlineData("\"80\"", "string")]
    [InlineData("'80'", "string")]
    [InlineData("!!str 80", "string")]
    [InlineData("! 80", "string")]
    [InlineData("-1", "number")]
    [InlineData("+1", "number")]
    [InlineData("1_000", "number")]
    [InlineData("0x1F", "number")]
    [InlineData("0o17", "number")]
    [InlineData("017", "number")]
    [InlineData("0b11", "number")]
    [InlineData("08", "number")]
    [InlineData("1.5", "number")]
    [InlineData("1e3", "number")]
    [InlineData("12e05", "number")]
    [InlineData(".5", "number")]
    [InlineData(".inf", "number")]
    [InlineData("1.2.3", "string")]
    [InlineData("1.2.3.4/8", "string")]
    [InlineData("2026-01-31", "string")]
    [InlineData("2026-01-31T12:00:00Z", "string")]
    [InlineData("-", "string")]
    [InlineData("e3", "string")]
    [InlineData("true", "bool")]
    [InlineData("TRUE", "bool")]
    [InlineData("tRue", "string")]
    [InlineData("yes", "bool")]
    [InlineData("Off", "bool")]
    [InlineData("n", "bool")]
    [InlineData("\"yes\"", "string")]
    [InlineData("null", "null")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("nil", "string")]
    [InlineData("{}", "object")]
    [InlineData("[]", "array")]
    public void Read_Scalar_HasTheServersType(string text, string type)
    {
        if (text == "-")
        {
            text = "a-";
        }

        var root = Assert.IsType<TreeMap>(Assert.Single(YamlDocuments.Read($"a: {text}\n")).Root);

        Assert.Equal(type, root["a"]!.TypeName);
    }

    [Theory]
    [InlineData("80", 80)]
    [InlineData("-0x10", -16)]
    [InlineData("0o17", 15)]
    [InlineData("017", 15)]
    [InlineData("0b101", 5)]
    [InlineData("1_0", 10)]
    public void TryInteger_AnyBase_ReturnsTheNumber(string text, long expected)
    {
        Assert.True(YamlScalar.TryInteger(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("99999999999999999999")]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("-")]
    public void TryInteger_NotANumber_IsFalse(string text) => Assert.False(YamlScalar.TryInteger(text, out _));

    [Fact]
    public void Read_KeysOtherThanText_BecomeText()
    {
        var root = Assert.IsType<TreeMap>(Assert.Single(YamlDocuments.Read("{on: 1, 0x10: 2, 1.5: 3}")).Root);

        Assert.Equal(["true", "16", "1.5"], root.Entries.Select(entry => entry.Key));
    }

    [Fact]
    public void Read_AnchorsAndMergeKeys_AreResolved()
    {
        var root = Assert.IsType<TreeMap>(
            Assert
                .Single(YamlDocuments.Read("base: &b {x: 1, y1: 2}\nother: {<<: *b, x: 3}\nboth: {<<: [*b, {z: 4}]}\n"))
                .Root
        );

        Assert.Equal(["x=3", "y1=2"], Pairs("other"));
        Assert.Equal(["x=1", "y1=2", "z=4"], Pairs("both"));

        IEnumerable<string> Pairs(string key) =>
            ((TreeMap)root[key]!).Entries.Select(entry => $"{entry.Key}={((TreeScalar)entry.Value).Text}");
    }

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, "key \"a\" already set in map")]
    [InlineData("a: *x\n", 1, "unknown anchor \"x\" referenced")]
    [InlineData("\na: &x [*x]\n", 2, "unknown anchor \"x\" referenced")]
    [InlineData("? {a: b}\n: c\n", 1, "a map key must be text, found object")]
    [InlineData("{<<: 5}\n", 1, "map merge requires map or sequence of maps as the value")]
    public void Read_MalformedText_ReportsTheLine(string text, int line, string message)
    {
        var error = Assert.Single(Assert.Single(YamlDocuments.Read(text)).SyntaxErrors);

        Assert.Equal((line, message), (error.Line, error.Message));
    }

    [Fact]
    public void Read_BillionLaughs_IsRejected()
    {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (var i = 1; i < 10; i++)
        {
            text += $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n";
        }

        Assert.Contains(
            "aliases",
            Assert.Single(Assert.Single(YamlDocuments.Read(text)).SyntaxErrors).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_DeepNesting_IsRejectedAndOtherDocumentsAreRead()
    {
        var documents = YamlDocuments
            .Read($"a: {new string('[', 5000)}{new string(']', 5000)}\nb: 1\n---\nb: 1\n")
            .ToList();

        Assert.Equal(2, documents.Count);
        Assert.Equal("nested deeper than 64 levels", Assert.Single(documents[0].SyntaxErrors).Message);
        Assert.NotNull(Assert.IsType<TreeMap>(documents[1].Root)["b"]);
    }

    [Fact]
    public void Read_MalformedDocument_DoesNotHideOthers()
    {
        var documents = YamlDocuments.Read("a: 1\n---\nb: [\n---\nc: 3\n").ToList();

        Assert.Equal(3, documents.Count);
        Assert.Null(documents[1].Root);
        Assert.StartsWith("not YAML: ", Assert.Single(documents[1].SyntaxErrors).Message, StringComparison.Ordinal);
        Assert.Equal(5, documents[2].Root!.Line);
    }

    [Fact]
    public void Read_Directives_BelongToTheNextDocument()
    {
        var document = Assert.Single(YamlDocuments.Read("# first\n%YAML 1.1\n---\na: 1\n"));

        Assert.Empty(document.SyntaxErrors);
        Assert.Equal(4, document.Root!.Line);
    }

    [Fact]
    public void Read_Tabs_SuggestsSpaces()
    {
        var error = Assert.Single(Assert.Single(YamlDocuments.Read("a:\n\tb: 1\n")).SyntaxErrors);

        Assert.Equal((2, "indent with spaces, not tabs"), (error.Line, error.Remedy));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("- ")]
    [InlineData("{a: ")]
    public void Read_NestingWithoutEnd_IsNotFollowed(string level)
    {
        // At 5,000 levels this took seconds, and at a million it would not have ended.
        var document = Assert.Single(YamlDocuments.Read("a:\n  " + string.Concat(Enumerable.Repeat(level, 1_000_000))));

        var error = Assert.Single(document.SyntaxErrors);
        Assert.Equal((2, "nested deeper than 64 levels"), (error.Line, error.Message));
    }

    [Theory]
    [InlineData("\u0085")]
    [InlineData("\u2028")]
    [InlineData("\u2029")]
    public void Read_LineEndsOfYamlAlone_AreNotCountedAsLines(string end)
    {
        var document = Assert.Single(YamlDocuments.Read($"a: \"x{end}  y{end}  z\"\nb: 1\nb: 2\n"));

        Assert.Equal(3, Assert.Single(document.SyntaxErrors).Line);
    }

    [Theory]
    [InlineData("a: 1\r\nb: 1\r\nb: 2\r\n")]
    [InlineData("a: 1\rb: 1\rb: 2\r")]
    public void Read_OtherLineEnds_AreCountedAsLines(string text) =>
        Assert.Equal(3, Assert.Single(Assert.Single(YamlDocuments.Read(text)).SyntaxErrors).Line);
}
