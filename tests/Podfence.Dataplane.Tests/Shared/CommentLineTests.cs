namespace Podfence.Dataplane.Tests;

public sealed class CommentLineTests
{
    [Theory]
    [InlineData("default/db (policies.yaml:4)", "# default/db (policies.yaml:4)")]
    [InlineData("a file's\nname", "# a file's_name")]
    [InlineData("x\r\nPODFENCE-END\nrm -rf /", "# x__PODFENCE-END_rm -rf /")]
    [InlineData("next\u0085line\u2028and\u2029more\0", "# next_line_and_more_")]
    public void Of_AnyText_IsOneLineOfComment(string note, string expected) =>
        Assert.Equal(expected, CommentLine.Of(note));
}
