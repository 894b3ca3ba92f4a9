using System.Xml.Linq;

namespace Podfence.Cli.Tests;

/// <summary>
/// Pictures of terminals show what the command in them writes today. After a change of texts: <c>make pictures</c>.
/// </summary>
public sealed class PictureTests
{
    [Theory]
    [InlineData("explain-light")]
    [InlineData("explain-dark")]
    public async Task Picture_OfACommand_ShowsItsOutput(string name)
    {
        var picture = XDocument.Load(Path.Combine(CommandRun.Root, "docs/images", name + ".svg"));
        var lines = picture
            .Descendants()
            .Where(static element => element.Name.LocalName == "text")
            .Select(static element => element.Value)
            .ToList();
        var command = lines[0]["$ podfence ".Length..].Split(' ');

        var run = await CommandRun.RunAsync(command);

        // The picture wraps long lines; where it does is not compared.
        Assert.Equal(Words(run.Output), Words(string.Join('\n', lines.Skip(1))));
    }

    private static string Words(string text) =>
        string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
