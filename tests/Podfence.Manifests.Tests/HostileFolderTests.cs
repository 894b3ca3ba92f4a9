using System.Diagnostics;

namespace Podfence.Manifests.Tests;

/// <summary>
/// A folder that somebody else wrote: links in circles and out of it, pipes and devices cost nothing but a warning.
/// </summary>
public sealed class HostileFolderTests : IDisposable
{
    private const string Namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: NAME}}";
    private readonly string _folder = Directory.CreateTempSubdirectory("podfence-hostile-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReadPaths_LinksInCircles_ReadsEachFileOnce()
    {
        Write("m/a.yaml", "a");
        Write("m/sub/b.yaml", "b");
        File.CreateSymbolicLink(In("m/x"), ".");
        File.CreateSymbolicLink(In("m/y"), ".");
        File.CreateSymbolicLink(In("m/sub/up"), "..");

        var read = Read("m");

        Assert.Equal(["a", "b"], read.Namespaces.Select(item => item.Name));
        Assert.Empty(read.Diagnostics);
    }

    [Fact]
    public void ReadPaths_LinkOutOfTheFolder_IsSkippedWithAWarning()
    {
        Write("m/a.yaml", "a");
        Write("secret/b.yaml", "b");
        File.CreateSymbolicLink(In("m/file.yaml"), "../secret/b.yaml");
        File.CreateSymbolicLink(In("m/folder"), "../secret");
        File.CreateSymbolicLink(In("m/through.yaml"), "folder/b.yaml");
        File.CreateSymbolicLink(In("m/self.yaml"), "self.yaml");

        var read = Read("m");

        Assert.Equal(["a"], read.Namespaces.Select(item => item.Name));
        Assert.False(read.HasErrors);
        Assert.Equal(
            [
                "file.yaml: a link that leads out of the folder",
                "self.yaml: a link that leads nowhere",
                "through.yaml: a link that leads out of the folder",
            ],
            read.Diagnostics.Select(item => $"{Path.GetFileName(item.Location.File)}: {item.Message.Split(": ")[0]}")
        );
    }

    // Mounted ConfigMaps: each file is a link to a file below a hidden link.
    [Fact]
    public void ReadPaths_LinkInsideTheFolder_IsRead()
    {
        Write("m/..2026/a.yaml", "a");
        File.CreateSymbolicLink(In("m/..data"), "..2026");
        File.CreateSymbolicLink(In("m/a.yaml"), "..data/a.yaml");

        Assert.Equal(["a"], Read("m").Namespaces.Select(item => item.Name));
    }

    [Fact]
    public async Task ReadPaths_PipesAndDevices_AreSkippedWithoutWaiting()
    {
        Write("m/a.yaml", "a");
        using var mkfifo = Process.Start(new ProcessStartInfo("/usr/bin/mkfifo", [In("m/pipe.yaml")]))!;
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(In("m/zero.yaml"), "/dev/zero");

        var read = Read("m");

        Assert.Equal(["a"], read.Namespaces.Select(item => item.Name));
        Assert.Equal(2, read.Diagnostics.Count);
    }

    [Fact]
    public void ReadPaths_DeviceThatIsNamed_IsReadToTheLimitAndRejected() =>
        Assert.Contains(
            "larger than",
            Assert.Single(ManifestReader.ReadPaths(["/dev/zero"]).Diagnostics).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void ReadPaths_FileOverTheLimit_IsRejectedWithoutReadingIt()
    {
        Directory.CreateDirectory(In("m"));
        using (var file = File.Create(In("m/large.yaml")))
        {
            file.SetLength(600L << 20);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = Read("m");

        Assert.Contains("larger than", Assert.Single(read.Diagnostics).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void ToString_FileNameWithControlCharacters_IsEscaped()
    {
        Write("m/a\n::error file=x::forged\u001b[31m.yaml", "a: b");

        var text = Assert.Single(Read("m").Diagnostics, item => item.IsError).ToString();

        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain('\u001b', text);
    }

    private ObjectSet Read(string folder) => ManifestReader.ReadPaths([In(folder)], new() { Recursive = true });

    private string In(string name) => Path.Combine(_folder, name);

    private void Write(string name, string @namespace)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllText(In(name), Namespace.Replace("NAME", @namespace, StringComparison.Ordinal));
    }
}
