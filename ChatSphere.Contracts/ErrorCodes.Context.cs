namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>400: an attachment is not of this conversation, or was sent before.</summary>
    public const string AttachmentUnknown = "attachment_unknown";

    /// <summary>400: it says that it is a picture, and is none that can be taken.</summary>
    public const string ImageInvalid = "image_invalid";

    /// <summary>409: the model does not look at pictures; choose another, or leave them out.</summary>
    public const string ModelWithoutVision = "model_without_vision";

    /// <summary>409: as many are kept as there may be; delete some first.</summary>
    public const string MemoryFull = "memory_full";

    /// <summary>503: this needs a language model, and none is connected or could answer.</summary>
    public const string LanguageModelMissing = "language_model_missing";
}
