using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat;

public sealed partial record AnswerRequest
{
    /// <summary>Set: the messages exactly as the caller made them. Instructions, history, question and passages are then not put together into a prompt, and <c>extractive</c> does not step in.</summary>
    public IReadOnlyList<ChatMessage>? Prompt { get; init; }

    /// <summary>What the caller says about the call beyond model, temperature and tools.</summary>
    public ChatOptions? Parameters { get; init; }

    /// <summary>The answer ends with the calls; whoever asked runs the tools and asks again with their results.</summary>
    public bool CallerRunsTools { get; init; }
}
