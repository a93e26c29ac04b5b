using Microsoft.Extensions.Logging;

namespace ChatSphere.LocalHosting.Running;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Output(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} ended with exit code {ExitCode}; starting it again in {Delay}.")]
    public static partial void Restarting(ILogger logger, string resource, int exitCode, TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Resource} failed to start: {Reason}")]
    public static partial void FailedToStart(ILogger logger, string resource, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Resource} is {State}.")]
    public static partial void State(ILogger logger, string resource, string state);
}
