using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Plans;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>
/// The version in effect, or for a share of the conversations the one on trial. Nobody gets a model through a trial that their plan lacks: they stay with what is in effect.
/// </summary>
internal sealed class ChooseVersion(ChatSphereDb db, IUsageGate gate) : IPrepareAnswer
{
    public PreparationStage Stage => PreparationStage.Settings;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        if (draft.IsTrial)
        {
            return;
        }

        draft.BotVersion = draft.Bot.Version;

        // Where there is no conversation, a person stays with one version all the same.
        if (draft.Bot.CanaryVersion is { } canary && draft.Bot.TriesCanaryWith(draft.ConversationId ?? draft.AskerId)
            && await db.SettingsOfAsync(draft.Bot.Id, canary, cancellationToken) is { } settings
            && (settings.Model == draft.Bot.Model || await gate.RefuseModelAsync(draft.AskerId, settings.Model, cancellationToken) is null))
        {
            draft.Use(draft.Bot.With(settings));
            draft.BotVersion = canary;
        }
    }
}
