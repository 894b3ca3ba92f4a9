namespace Podfence.Base.Tests;

public sealed class ProgramPathTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("podfence-path-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Find_BareName_TakesTheFirstFolderOfThePath()
    {
        var first = Write("first/tool", executable: true);
        Write("second/tool", executable: true);

        Assert.Equal(first, ProgramPath.Find("tool", $"{_folder}/none:{_folder}/first:{_folder}/second"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(":/nowhere")]
    [InlineData("sub:./sub:")]
    public void Find_PathWithRelativeEntries_NeverFindsAProgramOfTheCurrentFolder(string searchPath)
    {
        Write("tool", executable: true);
        Write("sub/tool", executable: true);
        var before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = _folder.FullName;
        try
        {
            Assert.Null(ProgramPath.Find("tool", searchPath));
            Assert.Null(ProgramPath.Find("./tool", searchPath));
            Assert.Null(ProgramPath.Find("sub/tool", searchPath));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [Fact]
    public void Find_FileThatIsNotExecutable_IsSkipped()
    {
        Write("first/tool", executable: false);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "second/tool"));
        var third = Write("third/tool", executable: true);

        Assert.Equal(third, ProgramPath.Find("tool", $"{_folder}/first:{_folder}/second:{_folder}/third"));
    }

    [Fact]
    public void Find_AbsolutePath_IsThatFile()
    {
        var tool = Write("tool", executable: true);

        Assert.Equal(tool, ProgramPath.Find(tool, null));
        Assert.Null(ProgramPath.Find(Write("text", executable: false), null));
    }

    [Fact]
    public void FindSystem_ToolOfEveryLinux_IsFoundWithAnyPath() =>
        Assert.EndsWith("/cat", ProgramPath.FindSystem("cat"), StringComparison.Ordinal);

    private string Write(string path, bool executable)
    {
        var file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "#!/bin/sh\n");
        File.SetUnixFileMode(
            file,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | (executable ? UnixFileMode.UserExecute : UnixFileMode.None)
        );
        return file;
    }
}
