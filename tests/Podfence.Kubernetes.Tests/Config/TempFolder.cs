using System.Diagnostics.CodeAnalysis;

namespace Podfence.Kubernetes.Tests;

/// <summary>A folder that is gone at the end.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("podfence-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>A program of the shell.</summary>
    [SuppressMessage("Interoperability", "CA1416", Justification = "these tests run on Linux")]
    public string WriteScript(string name, string body)
    {
        Write(name, "#!/bin/sh\n" + body);
        File.SetUnixFileMode(this[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
