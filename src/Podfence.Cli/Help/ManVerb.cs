using System.CommandLine;
using System.Text;

namespace Podfence.Cli;

/// <summary><c>podfence man FOLDER</c>, hidden: writes the manual pages for packages (eng/man.sh).</summary>
internal static class ManVerb
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Output directory; created if missing" };
        var verb = new Command("man", "Write the manual pages of all commands") { folder };
        verb.Hidden = true;
        verb.SetAction(parsed =>
        {
            var to = Directory.CreateDirectory(parsed.GetValue(folder)!).FullName;
            foreach (var (name, text) in ManPage.All(CommandLine.CreateRoot(), VersionVerb.Version))
            {
                File.WriteAllText(
                    Path.Combine(to, name + ".1"),
                    text,
                    new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)
                );
            }
        });
        return verb;
    }
}
