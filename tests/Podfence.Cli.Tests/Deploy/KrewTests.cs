using System.Diagnostics;
using System.Security.Cryptography;
using YamlDotNet.RepresentationModel;

namespace Podfence.Cli.Tests;

/// <summary>
/// The krew manifest that eng/krew.sh writes has what krew asks of one (krew's internal/index/validation), and its
/// archives hold what it says.
/// </summary>
public sealed class KrewTests
{
    [Fact]
    public async Task Krew_PackedManifest_IsOneThatKrewTakes()
    {
        var copy = Directory.CreateTempSubdirectory("podfence-krew-").FullName;
        foreach (
            var file in new[]
            {
                "eng/krew.sh",
                "eng/common.sh",
                "deploy/krew/podfence.yaml",
                "Directory.Build.props",
                "LICENSE",
            }
        )
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
            File.Copy(Path.Combine(CommandRun.Root, file), Path.Combine(copy, file));
        }

        await RunAsync(
            Path.Combine(copy, "eng/krew.sh"),
            "https://podfence.test",
            "https://podfence.test/files/",
            PodfenceProgram.File,
            "/bin/true"
        );

        var text = await File.ReadAllTextAsync(
            Path.Combine(copy, "artifacts/krew/podfence.yaml"),
            TestContext.Current.CancellationToken
        );
        Assert.DoesNotContain('@', text);
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        var root = Assert.IsType<YamlMappingNode>(Assert.Single(yaml.Documents).RootNode);
        Assert.Equal("krew.googlecontainertools.github.com/v1alpha2", Text(root, "apiVersion"));
        Assert.Equal("Plugin", Text(root, "kind"));
        Assert.Equal("podfence", Text(Map(root, "metadata"), "name"));
        var spec = Map(root, "spec");
        Assert.Matches(@"^v\d+\.\d+\.\d+$", Text(spec, "version"));
        Assert.InRange(Text(spec, "shortDescription").Length, 10, 50);
        Assert.DoesNotContain(Text(spec, "shortDescription"), static sign => sign == '\n');
        Assert.All(Text(spec, "description").Split('\n'), static line => Assert.InRange(line.Length, 0, 80));
        var platforms = Assert.IsType<YamlSequenceNode>(spec["platforms"]).Cast<YamlMappingNode>().ToList();
        Assert.Equal(
            ["amd64", "arm64"],
            platforms.Select(static platform => Text(Map(Map(platform, "selector"), "matchLabels"), "arch"))
        );
        foreach (var platform in platforms)
        {
            var archive = Path.Combine(
                copy,
                "artifacts/krew",
                Path.GetFileName(new Uri(Text(platform, "uri")).AbsolutePath)
            );
            Assert.Equal(
                Convert.ToHexStringLower(
                    SHA256.HashData(await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken))
                ),
                Text(platform, "sha256")
            );
            var held = await RunAsync("/bin/tar", "-tzf", archive);
            Assert.All(Assert.IsType<YamlSequenceNode>(platform["files"]).Cast<YamlMappingNode>(), file =>
                Assert.Contains(Text(file, "from"), held.Split('\n'))
            );
            Assert.Contains(Text(platform, "bin"), held.Split('\n'));
        }

        Directory.Delete(copy, recursive: true);
    }

    private static YamlMappingNode Map(YamlMappingNode map, string key) => Assert.IsType<YamlMappingNode>(map[key]);

    private static string Text(YamlMappingNode map, string key) => Assert.IsType<YamlScalarNode>(map[key]).Value!;

    private static async Task<string> RunAsync(string program, params string[] arguments) =>
        (await PodfenceProgram.RunAsync(new ProcessStartInfo(program), arguments, null)).Succeeded().Output;
}
