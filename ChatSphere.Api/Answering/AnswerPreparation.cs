using ChatSphere.Data;

namespace ChatSphere.Api.Answering;

/// <summary>Runs the <see cref="IPrepareAnswer"/> steps, in a scope of their own.</summary>
internal sealed class AnswerPreparation(IServiceScopeFactory scopes, TimeProvider time)
{
    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var looked = time.GetTimestamp();
        draft.Facts = await AnswerFacts.ReadAsync(scope.ServiceProvider.GetRequiredService<ChatSphereDb>(), draft, cancellationToken);
        draft.Timings.Add((nameof(AnswerFacts), time.GetElapsedTime(looked)));
        foreach (var step in scope.ServiceProvider.GetServices<IPrepareAnswer>().OrderBy(s => s.Stage))
        {
            var started = time.GetTimestamp();
            await step.PrepareAsync(draft, cancellationToken);
            draft.Timings.Add((step.GetType().Name, time.GetElapsedTime(started)));
        }
    }
}
