using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ChatSphere.Contracts.Context;
using ChatSphere.Contracts.Knowledge;

namespace ChatSphere.Contracts.Context
{
    [JsonConverter(typeof(SnakeCaseEnum<AttachmentType>))]
    public enum AttachmentType
    {
        /// <summary>Shown to the model.</summary>
        Image,

        /// <summary>Knowledge of this conversation only.</summary>
        File,
    }

    /// <summary>Something that was given to one conversation.</summary>
    /// <param name="ContentType">Of an image: as it is served. Of a file nothing is said.</param>
    /// <param name="Size">In bytes, as kept.</param>
    /// <param name="MessageId">The question that it was sent with; null: not sent yet.</param>
    /// <param name="DocumentId">Of a file: the document that is made of it.</param>
    /// <param name="Status">Of a file: how far it has been read; it can be sent before.</param>
    /// <param name="Reason">Why a file could not be read.</param>
    public sealed record AttachmentResponse(
        Guid Id, Guid ConversationId, AttachmentType Type, string Name, string ContentType, long Size, int? Width, int? Height, Guid? MessageId, Guid? DocumentId, DocumentStatus? Status,
        string? Reason, DateTimeOffset CreatedAt);

    public sealed record UploadAttachmentsResponse(IReadOnlyList<AttachmentResponse> Attachments);

    /// <summary>What a question shows of something that was sent with it. Images are at <c>/v1/conversations/{conversationId}/attachments/{id}/content</c>.</summary>
    public sealed record MessageAttachmentResponse(Guid Id, AttachmentType Type, string Name, string ContentType, long Size, int? Width, int? Height);
}

namespace ChatSphere.Contracts.Conversations
{
    public sealed partial record CreateTurnRequest
    {
        /// <summary>Ids of what was uploaded to this conversation and not sent yet.</summary>
        [MaxLength(10)]
        public IReadOnlyList<Guid>? Attachments { get; init; }
    }

    public sealed partial record MessageResponse
    {
        /// <summary>Of a question: what was sent with it.</summary>
        public IReadOnlyList<MessageAttachmentResponse> Attachments { get; init; } = [];

        /// <summary>
        /// Of an answer: hosts that its links may be made to lead to. Every address in the text with another host is to be shown as text and never fetched, whatever form it has.
        /// In ASCII (punycode), lower case, with a port where it is not the scheme's.
        /// </summary>
        public IReadOnlyList<string> LinkHosts { get; init; } = [];

        /// <summary>Of an answer of a strict bot: stretches of the text that no source supports.</summary>
        public IReadOnlyList<TextRange> Unsupported { get; init; } = [];
    }

    /// <param name="Start">In UTF-16 code units.</param>
    /// <param name="End">Behind the last one.</param>
    public sealed record TextRange(int Start, int End);
}
