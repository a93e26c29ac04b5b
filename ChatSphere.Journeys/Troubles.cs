using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace ChatSphere.Journeys;

/// <summary>What the processes of the system write about failures: a journey that ends on "something broke" says little without it.</summary>
internal sealed partial class Troubles : ILoggerProvider, ILogger
{
    private const int Most = 400;
    private readonly ConcurrentQueue<string> _lines = new();

    public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("Resources.", StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (formatter(state, exception) is { } line && Telling().IsMatch(line))
        {
            Add(line);
        }
    }

    public void Add(string line)
    {
        _lines.Enqueue(line);
        while (_lines.Count > Most)
        {
            _lines.TryDequeue(out _);
        }
    }

    /// <summary>Into the output of the test that runs, which shows it when the test fails.</summary>
    public void Tell()
    {
        foreach (var line in _lines)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    [GeneratedRegex(@"\b(fail|crit|warn):|\[(ERR|FTL|WRN)\]|Exception\b|^\s+at |""LogLevel"":""(Error|Critical|Warning)""", RegexOptions.CultureInvariant)]
    private static partial Regex Telling();
}
