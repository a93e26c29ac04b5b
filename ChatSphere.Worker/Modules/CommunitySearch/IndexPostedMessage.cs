using ChatSphere.AI.Language;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.CommunitySearch;

internal sealed class IndexPostedMessage(MessageIndex index) : IHandle<MessagePosted>
{
    /// <summary>Short texts are guessed at; a wrong stem only means that a message is found by its own words and not by others of theirs.</summary>
    public static string? Tell(string text) => LanguageDetector.Detect(text) is { Language: { } language, Confidence: > 0.3 } ? language : null;

    public Task HandleAsync(MessagePosted happened, CancellationToken cancellationToken) => index.AddAsync(happened.MessageId, Tell, cancellationToken);
}
