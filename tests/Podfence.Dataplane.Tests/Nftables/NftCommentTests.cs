using System.Text;
using CsCheck;
using Podfence.Dataplane.Nftables;

namespace Podfence.Dataplane.Tests;

public sealed class NftCommentTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("shop/web", "shop/web")]
    [InlineData("say \"hi\"\n", "say _hi__")]
    public void Cut_ShortComment_Printable(string? comment, string? expected) =>
        Assert.Equal(expected, NftComment.Cut(comment));

    [Fact]
    public void Cut_ExactlyTheLimit_Stays() => Assert.Equal(new string('x', 127), NftComment.Cut(new string('x', 127)));

    [Fact]
    public void Cut_OneTooMany_EndsInDots() =>
        Assert.Equal(new string('x', 125) + "..", NftComment.Cut(new string('x', 128)));

    [Fact]
    public void Cut_AnyComment_FitsAndStays() =>
        Gen.String.Sample(comment =>
        {
            var cut = NftComment.Cut(comment + comment);
            Assert.True(Encoding.UTF8.GetByteCount(cut ?? "") <= NftComment.MaxBytes);
            Assert.Equal(cut, NftComment.Cut(cut));
        });
}
