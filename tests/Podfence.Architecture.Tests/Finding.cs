namespace Podfence.Architecture.Tests;

/// <summary>
/// Asserts about lists of findings. A collection assertion cuts them short, and where the fault is would be what is
/// cut.
/// </summary>
internal static class Finding
{
    public static void None(IEnumerable<string> findings)
    {
        var all = findings.ToArray();
        Assert.True(all.Length == 0, string.Join('\n', all));
    }
}
