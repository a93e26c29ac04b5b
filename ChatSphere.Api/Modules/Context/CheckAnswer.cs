using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Citations;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Context;

/// <summary>Where an answer's links may lead, and, for strict bots, which of its sentences nothing supports. From the text as it is kept.</summary>
internal sealed class CheckAnswer(IOptions<AiOptions> options) : IFinishAnswer
{
    public Task FinishAsync(ChatSphereDb db, EndedAnswer ended, CancellationToken cancellationToken)
    {
        if (ended.Answer is { } answer)
        {
            // What the person wrote themselves is no source: a question can be somebody else's text, pasted.
            answer.LinkHosts = [.. AnswerLinks.AllowedHosts(answer.Text, ended.Draft.Passages.Select(p => p.Text), options.Value.LinkHosts)];
            answer.Unsupported = ended.Draft.Bot.Strict && ended.State is MessageState.Complete or MessageState.Stopped
                ? [.. Support.Unsupported(answer.Text, answer.Citations.Select(c => c.Number).Distinct().Where(n => n >= 1 && n <= ended.Draft.Passages.Count).ToDictionary(n => n, n => ended.Draft.Passages[n - 1].Text)).SelectMany(r => (int[])[r.Start, r.End])]
                : [];
        }

        return Task.CompletedTask;
    }
}
