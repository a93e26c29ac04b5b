namespace ChatSphere.Api.Pictures;

/// <summary>A picture that models are shown: as an avatar it is written anew with only the parts that draw it; of a moving GIF the first picture is kept.</summary>
internal static class AttachmentImage
{
    /// <summary>Enough to tell what it is.</summary>
    public const int HeadLength = 16;

    public static bool IsImage(ReadOnlySpan<byte> head) =>
        head.StartsWith(PngPicture.Signature) || head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) || GifPicture.IsGif(head)
        || (head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8));

    public static (AvatarImage? Image, string? Refusal) Rewrite(ReadOnlyMemory<byte> upload)
    {
        if (!GifPicture.IsGif(upload.Span))
        {
            return AvatarImage.Rewrite(upload);
        }

        try
        {
            return (GifPicture.Rewrite(upload.Span), null);
        }
        catch (UnfitPictureException e)
        {
            return (null, e.Message);
        }
    }
}
