using System.Linq.Expressions;
using ChatSphere.Contracts.Context;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;

namespace ChatSphere.Api.Responses;

internal static class ConversationResponses
{
    public static Expression<Func<Conversation, ConversationResponse>> Projection(ChatSphereDb db) =>
        c => new ConversationResponse(c.Id, c.BotId, db.Bots.Where(b => b.Id == c.BotId).Select(b => b.Name).First(), c.Title, c.ActiveTurnId, c.CreatedAt, c.UpdatedAt)
        {
            CurrentMessageId = c.CurrentAsOf == c.LastSeq ? c.CurrentId : db.Messages.Where(m => m.ConversationId == c.Id).OrderByDescending(m => m.Seq).Select(m => (Guid?)m.Id).FirstOrDefault(),
            IsPinned = c.PinnedAt != null,
            IsArchived = c.ArchivedAt != null,
            FolderId = c.FolderId,
            Tags = c.Tags,
            ExpiresAt = c.ExpiresAt,
            AwaitsBot = db.Bots.Any(b => b.Id == c.BotId && b.ForImports),
        };

    public static MessageResponse From(Message m) => new(
        m.Id, m.ConversationId, m.TurnId, m.Seq, Enum.Parse<MessageRole>(m.Author.ToString()), Enum.Parse<MessageStatus>(m.State.ToString()), m.Text, m.Model,
        [.. m.Citations.Select(From)],
        From(m.Usage), m.FailureCode, m.Reason, m.CreatedAt)
    {
        BotVersion = m.BotVersion,
        Attachments = [.. m.Attachments.Select(a => new MessageAttachmentResponse(a.Id, (AttachmentType)a.Kind, a.Name, a.ContentType, a.Size, a.Width, a.Height))],
        LinkHosts = m.LinkHosts,
        Unsupported = [.. m.Unsupported.Chunk(2).Select(r => new TextRange(r[0], r[1]))],
        Route = m.Route.ToResponse(),
        ParentId = m.ParentId == Message.NoParent ? null : m.ParentId,
        RequestedModel = m.RequestedModel,
        FinishReason = m.FinishReason,
        ToolCalls = [.. m.ToolCalls.Select(t => new ToolCallResponse(t.CallId, t.Tool, t.Arguments, t.Result, t.IsError, t.Milliseconds, t.Approval))],
    };

    public static RatingResponse From(MessageRating r) => new(r.Value is RatingValue.Up ? MessageRatingValue.Up : MessageRatingValue.Down, r.Comment, r.RatedAt);

    public static CitationResponse From(Citation c) => new(c.Number, c.DocumentId, c.DocumentName, c.Page, c.Start, c.End, c.Heading, c.Quote);

    public static UsageResponse? From(Usage? u) =>
        u is null ? null : new UsageResponse(u.InputTokens, u.OutputTokens, u.Estimated, u.FirstTokenMilliseconds, u.TotalMilliseconds) { Cost = u.Cost, Currency = u.Currency };
}
