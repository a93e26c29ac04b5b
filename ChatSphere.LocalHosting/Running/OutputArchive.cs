using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ChatSphere.LocalHosting.Running;

/// <summary>
/// What the processes write: to one file each, to the console with the resource's name before every line (or, in a test, to the logger), and the last
/// lines kept for error messages.
/// </summary>
internal sealed partial class OutputArchive : IAsyncDisposable
{
    private const int TailLines = 30;
    private const long FileLimit = 20 * 1024 * 1024;
    private static readonly string[] Colours = ["\e[36m", "\e[33m", "\e[32m", "\e[35m", "\e[34m", "\e[96m", "\e[93m", "\e[92m", "\e[95m", "\e[94m"];

    private readonly LocalSettings _settings;
    private readonly ILoggerFactory _loggers;
    private readonly ConcurrentDictionary<string, Queue<string>> _tails = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, LogFile> _files = new();

    // Bounded, so that a process that writes faster than the disk waits in its own write instead of filling our memory.
    private readonly Channel<Line> _lines = Channel.CreateBounded<Line>(new BoundedChannelOptions(10_000) { SingleReader = true });
    private string? _folder;
    private Task? _pump;
    private int _width;

    public OutputArchive(LocalSettings settings, ILoggerFactory loggers)
    {
        _settings = settings;
        _loggers = loggers;
        Coloured = !settings.Testing && !Console.IsOutputRedirected && string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable("NO_COLOR"));
    }

    public bool Coloured { get; }

    public void Open(string folder, IEnumerable<string> labels)
    {
        _folder = folder;
        _width = labels.Select(l => l.Length).DefaultIfEmpty(0).Max();
        _pump = Task.Run(PumpAsync);
    }

    public ValueTask WriteAsync(string resource, string label, string text)
    {
        var plain = text.Contains('\e', StringComparison.Ordinal) ? Escapes().Replace(text, "") : text;
        var tail = _tails.GetOrAdd(resource, _ => new Queue<string>());
        lock (tail)
        {
            tail.Enqueue(plain);
            while (tail.Count > TailLines)
            {
                tail.Dequeue();
            }
        }

        return _lines.Writer.WriteAsync(new(label, Coloured ? text : plain, plain));
    }

    public IReadOnlyList<string> Tail(string resource)
    {
        if (!_tails.TryGetValue(resource, out var tail))
        {
            return [];
        }

        lock (tail)
        {
            return [.. tail];
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        if (_pump is not null)
        {
            await _pump;
        }

        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }

    private async Task PumpAsync()
    {
        var console = new StringBuilder();
        while (await _lines.Reader.WaitToReadAsync())
        {
            // Everything that is there goes out in one write; the files are flushed when nothing more is waiting.
            for (var taken = 0; taken < 500 && _lines.Reader.TryRead(out var line); taken++)
            {
                _files.GetOrAdd(line.Label, label => new LogFile(Path.Combine(_folder!, label + ".log"), FileLimit)).Write(line.Plain);
                if (_settings.Testing)
                {
                    Log.Output(_loggers.CreateLogger("Resources." + line.Label), line.Plain);
                }
                else
                {
                    Prefix(console, line);
                }
            }

            if (console.Length > 0)
            {
                await Console.Out.WriteAsync(console);
                console.Clear();
            }

            foreach (var file in _files.Values)
            {
                file.Flush();
            }
        }
    }

    private void Prefix(StringBuilder console, Line line)
    {
        if (Coloured)
        {
            // The same resource has the same colour in every run.
            var hash = 0u;
            foreach (var c in line.Label.Split('-')[0])
            {
                hash = (hash * 31) + c;
            }

            console.Append(Colours[hash % Colours.Length]).Append(line.Label.PadRight(_width)).Append(" |\e[0m ").AppendLine(line.Text);
        }
        else
        {
            console.Append(line.Label.PadRight(_width)).Append(" | ").AppendLine(line.Text);
        }
    }

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();

    private readonly record struct Line(string Label, string Text, string Plain);

    /// <summary>One process's log: at the limit the file becomes <c>.1</c>, replacing the one before it.</summary>
    private sealed class LogFile(string path, long limit) : IDisposable
    {
        private StreamWriter _writer = new(path, append: true);
        private long _written;

        public void Write(string line)
        {
            _writer.WriteLine(line);
            _written += line.Length + 1;
            if (_written > limit)
            {
                _writer.Dispose();
                File.Move(path, path + ".1", overwrite: true);
                _writer = new StreamWriter(path, append: false);
                _written = 0;
            }
        }

        public void Flush() => _writer.Flush();

        public void Dispose() => _writer.Dispose();
    }
}
