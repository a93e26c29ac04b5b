using ChatSphere.Api.Answering;
using ChatSphere.Data;

namespace ChatSphere.Api.Modules.Models;

/// <summary>Finds out what the asker prefers, may use, and has keys for. Which model then answers is decided by the catalogue.</summary>
internal sealed class ChooseModels(AskerModels asker) : IPrepareAnswer
{
    public PreparationStage Stage => PreparationStage.Settings;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        draft.Model ??= draft.Facts.DefaultModel;
        (draft.Access, draft.OwnConnections) = await asker.OfAsync(draft.AskerId, draft.Facts.GroupIds, cancellationToken);
    }
}

/// <summary>The message says which models were asked for it.</summary>
internal sealed class KeepRoute : IFinishAnswer
{
    public Task FinishAsync(ChatSphereDb db, EndedAnswer ended, CancellationToken cancellationToken)
    {
        if (ended.Answer is { } answer)
        {
            answer.Route = ended.Draft.Route.Steps;
        }

        return Task.CompletedTask;
    }
}
