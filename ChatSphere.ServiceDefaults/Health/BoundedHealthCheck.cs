using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChatSphere.ServiceDefaults.Health;

/// <summary>
/// Answers within <see cref="Patience"/> even when the check behind it ignores its token, runs it at most once in <see cref="Freshness"/>, and never
/// twice at a time. It runs in a scope of its own: the caller that happened to come first may go away without taking the result from the others.
/// </summary>
internal sealed class BoundedHealthCheck(Func<IServiceProvider, IHealthCheck> create, IServiceScopeFactory scopes, TimeProvider time) : IHealthCheck
{
    public const string Duration = "duration";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private Task<HealthCheckResult>? answer;
    private Task work = Task.CompletedTask;
    private long startedAt;

    public static void Wrap(HealthCheckServiceOptions options)
    {
        foreach (var registration in options.Registrations)
        {
            // The factory is called for every run; the bounds must be the same object each time.
            var create = registration.Factory;
            BoundedHealthCheck? bounded = null;
            registration.Factory = provider => LazyInitializer.EnsureInitialized(ref bounded, () => new BoundedHealthCheck(
                create, provider.GetRequiredService<IServiceScopeFactory>(), provider.GetService<TimeProvider>() ?? TimeProvider.System));
        }
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (answer is null || (answer.IsCompleted && time.GetElapsedTime(startedAt) >= Freshness))
            {
                startedAt = time.GetTimestamp();
                if (work.IsCompleted)
                {
                    // On another thread: a check that blocks before its first await would hold the gate.
                    var run = Task.Run(() => RunAsync(context.Registration), CancellationToken.None);
                    work = run;
                    answer = AwaitAsync(run, context.Registration);
                }
                else
                {
                    answer = Task.FromResult(Late(context.Registration));
                }
            }

            return answer.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthCheckResult> AwaitAsync(Task<HealthCheckResult> run, HealthCheckRegistration registration)
    {
        try
        {
            return await run.WaitAsync(Allowed(registration), time);
        }
        catch (TimeoutException)
        {
            return Late(registration);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a check throws means that it failed.")]
    private async Task<HealthCheckResult> RunAsync(HealthCheckRegistration registration)
    {
        using var patience = new CancellationTokenSource(Allowed(registration), time);
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            var result = await create(scope.ServiceProvider).CheckHealthAsync(new HealthCheckContext { Registration = registration }, patience.Token);
            return Timed(result.Status, result.Description, result.Exception);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Late(registration);
        }
        catch (Exception failure)
        {
            // No description: the framework would take the exception's message, which can hold addresses and user names.
            return Timed(registration.FailureStatus, null, failure);
        }
    }

    private HealthCheckResult Late(HealthCheckRegistration registration) =>
        Timed(registration.FailureStatus, $"No answer within {Allowed(registration).TotalSeconds:0.###} s.", new TimeoutException());

    private HealthCheckResult Timed(HealthStatus status, string? description, Exception? failure) =>
        new(status, description, failure, new Dictionary<string, object> { [Duration] = time.GetElapsedTime(Volatile.Read(ref startedAt)) });

    private static TimeSpan Allowed(HealthCheckRegistration registration) =>
        registration.Timeout > TimeSpan.Zero && registration.Timeout < Patience ? registration.Timeout : Patience;
}
