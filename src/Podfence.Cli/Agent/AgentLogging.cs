using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Podfence.Cli;

/// <summary>Configures the agent's log, which goes to standard error.</summary>
internal static class AgentLogging
{
    // If the log consumer stalls, lines are dropped; the agent is not blocked.
    private const int MaxQueuedLines = 4096;

    public static ILoggerFactory Create(LogFormat format, AgentLogLevel level) =>
        LoggerFactory.Create(builder =>
        {
            builder.SetMinimumLevel(LevelOf(level));
            const string timestamp = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            if (format == LogFormat.Json)
            {
                builder.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, timestamp));
            }
            else
            {
                builder.AddSimpleConsole(text =>
                {
                    (text.SingleLine, text.UseUtcTimestamp, text.TimestampFormat) = (true, true, timestamp + " ");
                    text.ColorBehavior =
                        Console.IsErrorRedirected || !Terminal.MayColour(Environment.GetEnvironmentVariable)
                            ? LoggerColorBehavior.Disabled
                            : LoggerColorBehavior.Enabled;
                });
            }

            builder.AddConsole(console =>
            {
                console.LogToStandardErrorThreshold = LogLevel.Trace;
                console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
                console.MaxQueueLength = MaxQueuedLines;
            });
        });

    private static LogLevel LevelOf(AgentLogLevel level) =>
        level switch
        {
            AgentLogLevel.Debug => LogLevel.Debug,
            AgentLogLevel.Warning => LogLevel.Warning,
            AgentLogLevel.Error => LogLevel.Error,
            _ => LogLevel.Information,
        };
}
