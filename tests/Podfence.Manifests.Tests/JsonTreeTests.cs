using System.Text;

namespace Podfence.Manifests.Tests;

public sealed class JsonTreeTests
{
    [Fact]
    public void Read_SeveralValues_HaveTheirLines()
    {
        var documents = JsonDocuments.Read("{\"a\":\n [1,\n  \"x\"]}\n{\"b\": null}"u8);

        var list = Assert.IsType<TreeList>(((TreeMap)documents[0].Root!)["a"]);
        Assert.Equal([(2, 3), (3, 3)], list.Items.Select(item => (item.Line, item.Column)));
        Assert.Equal(4, documents[1].Root!.Line);
    }

    [Theory]
    [InlineData("{\"a\": 1,\n \"a\": 2}", 2, "key \"a\" already set in map")]
    [InlineData("{\"a\": 1}\n{\"b\": }", 2, "not JSON: ")]
    [InlineData("{\"a\": \"\\ud800\"}", 1, "not JSON: ")]
    [InlineData("{\"a\": 1, // note\n}", 1, "not JSON: ")]
    public void Read_MalformedText_ReportsTheLine(string text, int line, string message)
    {
        var error = Assert.Single(
            JsonDocuments.Read(Encoding.UTF8.GetBytes(text)).SelectMany(document => document.SyntaxErrors)
        );

        Assert.Equal(line, error.Line);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepNesting_IsRejected() =>
        Assert.NotEmpty(
            Assert.Single(JsonDocuments.Read(Encoding.UTF8.GetBytes(new string('[', 100_000)))).SyntaxErrors
        );
}
