using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>
/// A program that reads a stranger's file, under limits that the kernel holds: processor time, address space, no files of its own, no core dump. Arguments
/// go to it one by one, never through a shell. Disposing kills it.
/// </summary>
internal sealed class LimitedProcess : IAsyncDisposable
{
    private const int MaxErrorLength = 4_096;

    private readonly Process _process;
    private readonly Task<string> _errors;

    private LimitedProcess(Process process)
    {
        _process = process;
        _errors = ReadErrorsAsync(process.StandardError);
    }

    public Stream Output => _process.StandardOutput.BaseStream;

    /// <exception cref="UnreadableDocumentException">The program is not installed.</exception>
    public static LimitedProcess Start(string program, IReadOnlyList<string> arguments, int seconds, long memoryBytes)
    {
        var start = new ProcessStartInfo("prlimit")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"--cpu={seconds}:{seconds + 1}"));
        start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"--as={memoryBytes}"));
        start.ArgumentList.Add("--fsize=0");
        start.ArgumentList.Add("--core=0");
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Nothing of ours (connection strings, keys) is in the environment of a program that may be taken over.
        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["LC_ALL"] = "C.UTF-8";
        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return new LimitedProcess(process);
        }
        catch (Win32Exception)
        {
            throw UnreadableDocumentException.PdfReaderMissing();
        }
    }

    /// <summary>After its output was read to the end.</summary>
    public async Task<(int ExitCode, string Errors)> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return (_process.ExitCode, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _errors;
        _process.Dispose();
    }

    /// <summary>The beginning is kept, the rest only read, so that a program that complains a lot does not block.</summary>
    private static async Task<string> ReadErrorsAsync(StreamReader errors)
    {
        var kept = new char[MaxErrorLength];
        var length = await errors.ReadBlockAsync(kept);
        var rest = new char[4_096];
        while (await errors.ReadAsync(rest) > 0)
        {
        }

        return new string(kept, 0, length);
    }
}
