using System.Reflection;
using Aspire.Hosting;

namespace ChatSphere.LocalHosting.Resources;

/// <summary>
/// Runs an AppHost's entry point for a test: its thread stops inside Build() until the test asks for the application, and inside Run() until the test
/// has disposed of it. The async local tells the builder that it is created for this test and not by another that runs beside it.
/// </summary>
internal sealed class EntryPointInterception
{
    private static readonly AsyncLocal<EntryPointInterception?> Ambient = new();
    private readonly TaskCompletionSource<LocalBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _buildRequested = new();
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new();

    private EntryPointInterception(Assembly appHost) => AppHostAssembly = appHost;

    public static EntryPointInterception? Current => Ambient.Value;

    public Assembly AppHostAssembly { get; }
    public LocalBuilder? Created { get; set; }
    public Task<LocalBuilder> Builder => _builder.Task;
    public Task Finished => _finished.Task;

    public static EntryPointInterception Run(Assembly appHost, string[] args)
    {
        var entryPoint = appHost.EntryPoint ?? throw new InvalidOperationException($"{appHost.GetName().Name} has no entry point.");
        var interception = new EntryPointInterception(appHost);
        var thread = new Thread(() =>
        {
            Ambient.Value = interception;
            try
            {
                entryPoint.Invoke(null, entryPoint.GetParameters().Length == 0 ? [] : [args]);
                interception.Fail(new InvalidOperationException("The AppHost's entry point returned without building an application."));
            }
            catch (TargetInvocationException e)
            {
                interception.Fail(e.InnerException!);
            }
        })
        {
            IsBackground = true,
            Name = $"{appHost.GetName().Name} entry point",
        };
        thread.Start();
        return interception;
    }

    /// <summary>Called by the builder inside Build(): returns when the test wants the application.</summary>
    public void Offer(LocalBuilder builder)
    {
        _builder.TrySetResult(builder);
        _buildRequested.Task.GetAwaiter().GetResult();
    }

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _buildRequested.TrySetResult();
        return _built.Task.WaitAsync(cancellationToken);
    }

    public void Deliver(DistributedApplication app) => _built.TrySetResult(app);

    public void Finish() => _finished.TrySetResult();

    public void Abandon()
    {
        _buildRequested.TrySetException(new OperationCanceledException("The test disposed of the builder."));
        _finished.TrySetResult();
    }

    public void Fail(Exception e)
    {
        if (!_builder.Task.IsCompletedSuccessfully)
        {
            // No test has the builder, so none disposes of what it made.
            Created?.Folders.Dispose();
        }

        _builder.TrySetException(e);
        _built.TrySetException(e);
    }
}
