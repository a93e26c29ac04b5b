using ChatSphere.Data;
using ChatSphere.Data.Context;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Answering;

/// <summary>
/// What the steps would each ask the database for by themselves, read at once before the first of them: whoever waits for a first word waits for every round trip. Most
/// conversations have no files, no summary and no tools, and then the steps have nothing more to ask.
/// </summary>
/// <param name="DefaultModel">The one that the asker prefers.</param>
/// <param name="GroupIds">Those that the asker is in.</param>
/// <param name="IsTemporary">The conversation will be forgotten, and nothing is learned from it.</param>
/// <param name="HasFiles">Somebody gave the conversation files to be searched.</param>
/// <param name="HasImages">Or pictures.</param>
/// <param name="HasSummary">Some of it was summed up.</param>
/// <param name="HasTools">The bot's models may call something.</param>
internal sealed record AnswerFacts(string? DefaultModel, Guid[] GroupIds, string Memory, bool IsTemporary, bool HasFiles, bool HasImages, bool HasSummary, bool HasTools)
{
    /// <summary>Nothing is remembered of the asker, or told to models.</summary>
    public bool HasMemoryOff => Memory == nameof(MemoryMode.Off);

    /// <summary>Of where there is no conversation, only what holds for asker and bot.</summary>
    public static Task<AnswerFacts> ReadAsync(ChatSphereDb db, AnswerDraft draft, CancellationToken cancellationToken)
    {
        var (asker, bot, conversation) = (draft.AskerId, draft.Bot.Id, draft.ConversationId ?? Guid.Empty);
        return db.Database.SqlQuery<AnswerFacts>($"""
            select (select p.default_model from people.profiles p where p.account_id = {asker}) as "DefaultModel",
                array(select g.group_id from accounts.group_members g where g.account_id = {asker}) as "GroupIds",
                coalesce((select m.mode from context.memory_preferences m where m.account_id = {asker}), 'Off') as "Memory",
                exists(select 1 from conversations.conversations c where c.id = {conversation} and c.expires_at is not null) as "IsTemporary",
                exists(select 1 from conversations.attachments a where a.conversation_id = {conversation} and a.document_id is not null) as "HasFiles",
                exists(select 1 from conversations.attachments a where a.conversation_id = {conversation} and a.kind = 'Image') as "HasImages",
                exists(select 1 from conversations.conversation_summaries s where s.conversation_id = {conversation}) as "HasSummary",
                exists(select 1 from bots.bot_tools t where t.bot_id = {bot} and t.enabled) as "HasTools"
            """).SingleAsync(cancellationToken);
    }
}

internal sealed partial class AnswerDraft
{
    /// <summary>Known before the first step.</summary>
    public AnswerFacts Facts { get; set; } = new(null, [], nameof(MemoryMode.Off), false, false, false, false, false);
}
