using System.Diagnostics;

namespace Podfence.Base.Tests;

public sealed class UnixFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("podfence-file-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void IsRegular_FilesAndLinksToThem_IsTrue()
    {
        File.WriteAllText(In("file"), "x");
        File.CreateSymbolicLink(In("link"), "file");

        Assert.True(UnixFile.IsRegular(In("file")));
        Assert.True(UnixFile.IsRegular(In("link")));
    }

    [Fact]
    public async Task IsRegular_PipeDeviceFolderOrNothing_IsFalseWithoutWaiting()
    {
        using var mkfifo = Process.Start(new ProcessStartInfo("/usr/bin/mkfifo", [In("pipe")]))!;
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(File.Exists(In("pipe")));
        Assert.All([In("pipe"), "/dev/zero", _folder, In("none")], path =>
            Assert.False(UnixFile.IsRegular(path), path)
        );
    }

    [Fact]
    public void RealPath_LinksOnTheWay_AreResolved()
    {
        Directory.CreateDirectory(In("real"));
        File.WriteAllText(In("real/file"), "x");
        File.CreateSymbolicLink(In("folder"), "real");
        File.CreateSymbolicLink(In("self"), "self");

        Assert.Equal(UnixFile.RealPath(In("real/file")), UnixFile.RealPath(In("folder/file")));
        Assert.EndsWith("/real/file", UnixFile.RealPath(In("folder/../folder/file")), StringComparison.Ordinal);
        Assert.Null(UnixFile.RealPath(In("self")));
        Assert.Null(UnixFile.RealPath(In("none")));
    }

    private string In(string name) => Path.Combine(_folder, name);
}
