using System.Text;
using CsCheck;
using Podfence.Evaluation;
using Podfence.Manifests;

namespace Podfence.Kubernetes.Tests;

/// <summary>Objects are cut out of bytes that come in pieces of any size.</summary>
public sealed class SplitterTests
{
    private static readonly string[] s_items =
    [
        "{}",
        "{\"a\":[1,{\"b\":\"}]\\\"\"}]}",
        "{\"text\":\"\\\\\"}",
        "{\"x\":\"ä{[\"}",
        $"{{\"long\":\"{new string('y', 900)}\"}}",
        "[1]",
        "7",
        "null",
        "\"}\"",
    ];

    private static readonly Gen<int[]> s_pieces = Gen.Int[1, 400].Array[1, 40];

    [Fact]
    public void ListSplitter_AnyPieces_FindsEveryItem() =>
        Gen.Select(Gen.OneOf(s_items).Array[0, 12], s_pieces, Gen.Bool)
            .Sample(
                (items, pieces, isPretty) =>
                {
                    var blank = isPretty ? "\n  " : "";
                    var text =
                        $$"""{{{blank}}"kind":"PodList",{{blank}}"metadata":{"resourceVersion":"v1","continue":""},"items":{{blank}}[{{string.Join("," + blank, items)}}{{blank}}]{{blank}},"z":[1,{"items":[]}]}{{blank}}""";
                    var splitter = new ListSplitter(1 << 20);

                    Assert.Equal(
                        items.Select(static item => (FrameStatus.Frame, item)),
                        Run(splitter, text, pieces, out var last)
                    );
                    Assert.Equal(FrameStatus.End, last);
                    Assert.Equal(new ListMetadata("v1", null), ListMetadata.Read(splitter.Metadata));
                }
            );

    [Fact]
    public void LineSplitter_AnyPieces_FindsEveryLine() =>
        Gen.Select(Gen.OneOf(s_items).Array[0, 12], s_pieces)
            .Sample(
                (items, pieces) =>
                    Assert.Equal(
                        items.Select(static item => (FrameStatus.Frame, item)),
                        Run(
                            new LineSplitter(1 << 20),
                            string.Concat(items.Select(static item => item + "\n")),
                            pieces,
                            out _
                        )
                    )
            );

    [Fact]
    public void ListSplitter_OversizedItem_IsSkipped() =>
        s_pieces.Sample(pieces =>
        {
            var text =
                $"{{\"items\":[{{\"a\":1}},{s_items[4]},{{\"b\":2}}],\"metadata\":{{\"resourceVersion\":\"v1\"}}}}";

            var found = Run(new ListSplitter(200), text, pieces, out var last);

            Assert.Equal(
                [FrameStatus.Frame, FrameStatus.Oversized, FrameStatus.Frame],
                found.Select(static item => item.Status)
            );
            Assert.StartsWith("{\"long\":\"yyy", found[1].Text);
            Assert.Equal(FrameStatus.End, last);
        });

    [Fact]
    public void LineSplitter_OversizedLine_IsSkipped() =>
        s_pieces.Sample(pieces =>
        {
            var found = Run(new LineSplitter(200), $"{{\"a\":1}}\n{s_items[4]}\n{{\"b\":2}}\n", pieces, out _);

            Assert.Equal(
                [FrameStatus.Frame, FrameStatus.Oversized, FrameStatus.Frame],
                found.Select(static item => item.Status)
            );
        });

    [Theory]
    [InlineData("[]")]
    [InlineData("no")]
    [InlineData("{\"items\":[}")]
    [InlineData("{items:[]}")]
    [InlineData("{\"items\" []}")]
    [InlineData("{\"metadata\":{}} {}")]
    public void ListSplitter_NotAList_IsInvalid(string text)
    {
        Run(new ListSplitter(1 << 20), text, [400], out var last);

        Assert.Equal(FrameStatus.Invalid, last);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"items\":[{}")]
    [InlineData("{\"items\":[{}]")]
    [InlineData("{\"items\":[{\"a\":")]
    public void ListSplitter_TruncatedList_NeedsMore(string text)
    {
        Run(new ListSplitter(1 << 20), text, [400], out var last);

        Assert.Equal(FrameStatus.NeedsMore, last);
    }

    private static List<(FrameStatus Status, string Text)> Run(
        FrameSplitter splitter,
        string text,
        int[] pieces,
        out FrameStatus last
    )
    {
        using var window = new ByteWindow();
        var found = new List<(FrameStatus, string)>();
        var bytes = Encoding.UTF8.GetBytes(text);
        last = FrameStatus.NeedsMore;
        for (var (at, i) = (0, 0); at < bytes.Length && last != FrameStatus.Invalid; i++)
        {
            var memory = window.GetMemory();
            var count = Math.Min(Math.Min(pieces[i % pieces.Length], bytes.Length - at), memory.Length);
            bytes.AsSpan(at, count).CopyTo(memory.Span);
            window.Advance(count);
            at += count;
            while ((last = splitter.Next(window, out var frame)) is FrameStatus.Frame or FrameStatus.Oversized)
            {
                found.Add((last, Encoding.UTF8.GetString(frame)));
            }
        }

        return found;
    }
}
