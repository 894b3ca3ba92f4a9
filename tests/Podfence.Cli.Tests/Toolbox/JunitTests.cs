using System.Xml.Linq;

namespace Podfence.Cli.Tests;

public sealed class JunitTests
{
    [Fact]
    public async Task Test_MismatchesWithOddReasons_AreValidXml()
    {
        var run = await CommandRun.RunAsync(
            "test",
            "-f",
            "examples/article.yaml",
            "tests/scenarios/toolbox/article/surprise.yaml",
            "-o",
            "junit"
        );

        var cases = XDocument.Parse(run.Ended(ExitCodes.Differs).Output).Descendants("testcase").ToList();
        Assert.Equal(4, cases.Count);
        Assert.Equal(3, cases.Count(static item => item.Element("failure") is not null));
        Assert.Contains(
            "<rings> ? & \"bells\"",
            cases[2].Element("failure")!.Attribute("message")!.Value,
            StringComparison.Ordinal
        );
    }
}
