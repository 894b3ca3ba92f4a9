using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Podfence.Cli;

/// <summary><c>podfence version</c>: the versions that a bug report needs.</summary>
internal static partial class VersionVerb
{
    /// <summary>The version of Podfence, as <c>podfence --version</c> prints it.</summary>
    public static string Version { get; } =
        typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static Command Create()
    {
        var output = OutputOption.Create();
        var verb = new Command("version", "Print the version, the runtime and the kernel") { output };
        verb.SetAction(parsed =>
            Print(VersionReport.OfThisProcess(), parsed.GetValue(output), parsed.Terminal().Output)
        );
        return verb.WithExamples(("As text", "podfence version"), ("As JSON", "podfence version -o json"));
    }

    private static void Print(VersionReport report, OutputFormat format, TextWriter output)
    {
        if (format == OutputFormat.Json)
        {
            output.WriteLine(JsonSerializer.Serialize(report, Json.Default.VersionReport));
            return;
        }

        var table = new TextTable();
        table.AddRow("podfence", report.Version);
        table.AddRow("runtime", report.Runtime);
        table.AddRow("kernel", report.Kernel);
        table.Write(output);
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(VersionReport))]
    private sealed partial class Json : JsonSerializerContext;

    /// <summary>The output of the verb.</summary>
    /// <param name="Version">Version of Podfence, as <c>podfence --version</c> prints it.</param>
    /// <param name="Runtime">The .NET runtime and the processor architecture.</param>
    /// <param name="Kernel">Release of the running kernel, as <c>uname -r</c> prints it.</param>
    internal sealed record VersionReport(string Version, string Runtime, string Kernel)
    {
        public static VersionReport OfThisProcess() =>
            new(
                VersionVerb.Version,
                $"{RuntimeInformation.FrameworkDescription} {RuntimeInformation.RuntimeIdentifier}",
                KernelRelease()
            );

        private static string KernelRelease() => File.ReadAllText("/proc/sys/kernel/osrelease").TrimEnd();
    }
}
