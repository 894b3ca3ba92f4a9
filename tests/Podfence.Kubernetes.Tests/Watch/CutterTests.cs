using System.Text;
using CsCheck;
using Podfence.Evaluation;
using Podfence.Manifests;

namespace Podfence.Kubernetes.Tests;

/// <summary>Objects are cut out of bytes that come in pieces of any size.</summary>
public sealed class CutterTests
{
    private static readonly string[] s_items =
    [
        "{}", "{\"a\":[1,{\"b\":\"}]\\\"\"}]}", "{\"text\":\"\\\\\"}", "{\"x\":\"ä{[\"}", $"{{\"long\":\"{new string('y', 900)}\"}}", "[1]", "7", "null", "\"}\"",
    ];

    private static readonly Gen<int[]> s_pieces = Gen.Int[1, 400].Array[1, 40];

    [Fact]
    public void ListCutter_AnyPieces_FindsEveryItem() => Gen.Select(Gen.OneOf(s_items).Array[0, 12], s_pieces, Gen.Bool).Sample((items, pieces, isPretty) =>
    {
        var blank = isPretty ? "\n  " : "";
        var text = $$"""{{{blank}}"kind":"PodList",{{blank}}"metadata":{"resourceVersion":"v1","continue":""},"items":{{blank}}[{{string.Join("," + blank, items)}}{{blank}}]{{blank}},"z":[1,{"items":[]}]}{{blank}}""";
        var cutter = new ListSplitter(1 << 20);

        Assert.Equal(items.Select(static item => (Cut.Frame, item)), Run(cutter, text, pieces, out var last));
        Assert.Equal(Cut.End, last);
        Assert.Equal(("v1", null), ListMetadata.Read(cutter.Metadata));
    });

    [Fact]
    public void LineCutter_AnyPieces_FindsEveryLine() => Gen.Select(Gen.OneOf(s_items).Array[0, 12], s_pieces).Sample((items, pieces) =>
        Assert.Equal(items.Select(static item => (Cut.Frame, item)), Run(new LineSplitter(1 << 20), string.Concat(items.Select(static item => item + "\n")), pieces, out _)));

    [Fact]
    public void ListCutter_OversizedItem_IsPassedOver() => s_pieces.Sample(pieces =>
    {
        var text = $"{{\"items\":[{{\"a\":1}},{s_items[4]},{{\"b\":2}}],\"metadata\":{{\"resourceVersion\":\"v1\"}}}}";

        var found = Run(new ListSplitter(200), text, pieces, out var last);

        Assert.Equal([Cut.Frame, Cut.Oversized, Cut.Frame], found.Select(static item => item.Cut));
        Assert.StartsWith("{\"long\":\"yyy", found[1].Text);
        Assert.Equal(Cut.End, last);
    });

    [Fact]
    public void LineCutter_OversizedLine_IsPassedOver() => s_pieces.Sample(pieces =>
    {
        var found = Run(new LineSplitter(200), $"{{\"a\":1}}\n{s_items[4]}\n{{\"b\":2}}\n", pieces, out _);

        Assert.Equal([Cut.Frame, Cut.Oversized, Cut.Frame], found.Select(static item => item.Cut));
    });

    [Theory]
    [InlineData("[]")]
    [InlineData("no")]
    [InlineData("{\"items\":[}")]
    [InlineData("{items:[]}")]
    [InlineData("{\"items\" []}")]
    [InlineData("{\"metadata\":{}} {}")]
    public void ListCutter_NoList_IsBroken(string text)
    {
        Run(new ListSplitter(1 << 20), text, [400], out var last);

        Assert.Equal(Cut.Broken, last);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"items\":[{}")]
    [InlineData("{\"items\":[{}]")]
    [InlineData("{\"items\":[{\"a\":")]
    public void ListCutter_CutList_HasNoEnd(string text)
    {
        Run(new ListSplitter(1 << 20), text, [400], out var last);

        Assert.Equal(Cut.More, last);
    }

    private static List<(Cut Cut, string Text)> Run(FrameSplitter cutter, string text, int[] pieces, out Cut last)
    {
        using var window = new ByteWindow();
        var found = new List<(Cut, string)>();
        var bytes = Encoding.UTF8.GetBytes(text);
        last = Cut.More;
        for (var (at, i) = (0, 0); at < bytes.Length && last != Cut.Broken; i++)
        {
            var room = window.Room();
            var count = Math.Min(Math.Min(pieces[i % pieces.Length], bytes.Length - at), room.Length);
            bytes.AsSpan(at, count).CopyTo(room.Span);
            window.Add(count);
            at += count;
            while ((last = cutter.Next(window, out var frame)) is Cut.Frame or Cut.Oversized)
            {
                found.Add((last, Encoding.UTF8.GetString(frame)));
            }
        }

        return found;
    }
}
