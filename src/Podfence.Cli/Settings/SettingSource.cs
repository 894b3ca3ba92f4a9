using System.CommandLine;
using Podfence.Manifests;

namespace Podfence.Cli;

/// <summary>
/// Reads settings. A flag takes precedence over the environment, the environment over the file, the file over the
/// default. All errors are reported together, each with its origin.
/// </summary>
internal sealed class SettingSource
{
    private readonly ParseResult _parsed;
    private readonly Func<string, string?> _environment;
    private readonly Dictionary<string, FlatEntry> _file = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    private SettingSource(ParseResult parsed, Func<string, string?> environment)
    {
        _parsed = parsed;
        _environment = environment;
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="known">Every setting that the file may contain.</param>
    /// <param name="configFile">The setting that names the file.</param>
    /// <param name="environment">Looks up a variable; null if it is not set.</param>
    /// <exception cref="CliException">The file cannot be read.</exception>
    public static SettingSource Open(
        ParseResult parsed,
        IReadOnlyCollection<Setting> known,
        Setting<string?> configFile,
        Func<string, string?> environment
    )
    {
        var source = new SettingSource(parsed, environment);
        if (source.Get(configFile) is { } path)
        {
            source.ReadFile(path, known);
        }

        return source;
    }

    /// <summary>The value of a setting; the default if it is absent or invalid.</summary>
    public T Get<T>(Setting<T> setting)
    {
        if (Find(setting) is not { } found)
        {
            return setting.Default;
        }

        try
        {
            return setting.Read(found.Text);
        }
        catch (FormatException fault)
        {
            _faults.Add($"{found.Origin} '{found.Text}': {fault.Message}");
            return setting.Default;
        }
    }

    /// <summary>Called after all settings were read.</summary>
    /// <exception cref="CliException">There were errors; the message has all of them.</exception>
    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0)
        {
            throw new CliException(string.Join($"{Environment.NewLine}podfence: ", _faults));
        }
    }

    private (string Text, string Origin)? Find(Setting setting) =>
        _parsed.GetValue(setting.Option) is { } argument ? (argument, $"--{setting.Name}")
        : _environment(setting.EnvironmentName) is { Length: > 0 } variable ? (variable, setting.EnvironmentName)
        : _file.TryGetValue(setting.Name, out var entry) ? (entry.Value, $"{entry.Location}: {setting.Name}")
        : null;

    private void ReadFile(string path, IReadOnlyCollection<Setting> known)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot read the settings file: {fault.Message}", fault);
        }

        var entries = FlatYaml.Read(path, text, out var faults);
        foreach (var entry in entries)
        {
            if (known.Any(setting => setting.Name == entry.Name))
            {
                _file[entry.Name] = entry;
            }
            else
            {
                _faults.Add(
                    $"{entry.Location}: unknown setting '{entry.Name}': names are those of the flags without the "
                        + "leading dashes"
                );
            }
        }

        _faults.AddRange(faults.Select(static fault => fault.ToString()));
    }
}
