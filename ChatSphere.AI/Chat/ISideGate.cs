namespace ChatSphere.AI.Chat;

/// <summary>Asked before each call of a model for a side question that somebody is the reason of, and told after it: who may use which model, and who may spend how much, holds for these calls too.</summary>
public interface ISideGate
{
    /// <summary>False: the asker may not use this model, or there is no room for it in a budget. True: <see cref="LeaveAsync"/> follows.</summary>
    /// <param name="callId">Of this call, made for it.</param>
    /// <param name="inputTokens">Estimated.</param>
    Task<bool> TryEnterAsync(Guid callId, SideQuestion question, string model, int inputTokens, CancellationToken cancellationToken);

    /// <param name="answer">Null: none came.</param>
    Task LeaveAsync(Guid callId, SideAnswer? answer);
}
