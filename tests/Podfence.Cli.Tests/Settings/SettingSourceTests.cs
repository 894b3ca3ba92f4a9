using System.CommandLine;
using System.Net;

namespace Podfence.Cli.Tests;

public sealed class SettingSourceTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly Dictionary<string, string> _environment = [];
    private readonly Setting<string?> _config = SettingKinds.Text("config", "A file");
    private readonly Setting<LogFormat> _format = SettingKinds.OneOf("log-format", "The form", LogFormat.Text);
    private readonly Setting<TimeSpan> _wait = SettingKinds.Time(
        "wait",
        "A time",
        TimeSpan.FromSeconds(2),
        TimeSpan.FromMilliseconds(10),
        TimeSpan.FromHours(1)
    );
    private readonly Setting<IPEndPoint?> _address = SettingKinds.Address("bind", "Where", ":80");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Get_Nowhere_IsTheDefault() => Assert.Equal(LogFormat.Text, Open().Get(_format));

    [Fact]
    public void Get_Everywhere_TheCommandLineGoesFirst()
    {
        Write("log-format: text");
        _environment["PODFENCE_LOG_FORMAT"] = "text";
        Assert.Equal(LogFormat.Json, Open("--log-format", "json").Get(_format));
    }

    [Fact]
    public void Get_EnvironmentAndFile_TheEnvironmentGoesFirst()
    {
        Write("log-format: text");
        _environment["PODFENCE_LOG_FORMAT"] = "JSON";
        Assert.Equal(LogFormat.Json, Open().Get(_format));
    }

    [Fact]
    public void Get_FileOnly_IsTheFiles()
    {
        Write("# settings\nlog-format: json\nwait: 1m30s\n");
        Assert.Equal(LogFormat.Json, Open().Get(_format));
        Assert.Equal(TimeSpan.FromSeconds(90), Open().Get(_wait));
    }

    [Fact]
    public void Get_FileNamedByTheEnvironment_IsRead()
    {
        File.WriteAllText(_file, "log-format: json");
        _environment["PODFENCE_CONFIG"] = _file;
        Assert.Equal(LogFormat.Json, Open().Get(_format));
    }

    [Fact]
    public void ThrowIfFaulty_SeveralFaults_NamesEachWithItsPlaceAndRemedy()
    {
        Write("wait: soon\nno-such: 1\nlog-format: [json]\n");
        _environment["PODFENCE_BIND"] = "localhost";
        var source = Open("--log-format", "xml");
        source.Get(_format);
        source.Get(_wait);
        source.Get(_address);
        var message = Assert.Throws<CliException>(source.ThrowIfFaulty).Message;
        Assert.Contains($"--log-format 'xml': write text or json", message, StringComparison.Ordinal);
        Assert.Contains(
            $"{_file}:1: wait 'soon': write a time from 10ms to 1h, such as 2s",
            message,
            StringComparison.Ordinal
        );
        Assert.Contains($"{_file}:2: unknown setting 'no-such'", message, StringComparison.Ordinal);
        Assert.Contains(
            $"{_file}:3: error: log-format is a list, not a single value",
            message,
            StringComparison.Ordinal
        );
        Assert.Contains("PODFENCE_BIND 'localhost': write ADDRESS:PORT", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileThatIsNotThere_SaysSo()
    {
        _environment["PODFENCE_CONFIG"] = "/no/such/file";
        Assert.Contains("/no/such/file", Assert.Throws<CliException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(":9469", "[::]:9469")]
    [InlineData("127.0.0.1:80", "127.0.0.1:80")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("0", null)]
    public void Address_Forms_AreUnderstood(string text, string? expected) =>
        Assert.Equal(expected, _address.Read(text)?.ToString());

    [Theory]
    [InlineData("1h", 3600)]
    [InlineData("1m30s", 90)]
    [InlineData("250ms", 0.25)]
    [InlineData("1.5s", 1.5)]
    [InlineData("0", 0)]
    public void GoDuration_Forms_AreReadAndWrittenBack(string text, double seconds)
    {
        Assert.True(GoDuration.TryParse(text, out var value));
        Assert.Equal(seconds, value.TotalSeconds);
        Assert.Equal(text, GoDuration.ToText(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("-1s")]
    [InlineData("1e9h")]
    [InlineData("99999999999h")]
    public void GoDuration_AnythingElse_IsRefused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    private void Write(string text)
    {
        File.WriteAllText(_file, text);
        _environment["PODFENCE_CONFIG"] = _file;
    }

    private SettingSource Open(params string[] arguments)
    {
        Setting[] all = [_config, _format, _wait, _address];
        var root = new RootCommand();
        foreach (var setting in all)
        {
            root.Add(setting.Option);
        }

        return SettingSource.Open(root.Parse(arguments), all, _config, name => _environment.GetValueOrDefault(name));
    }
}
