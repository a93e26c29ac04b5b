using ChatSphere.Contracts.Context;
using ChatSphere.Data.Context;

namespace ChatSphere.Api.Responses;

internal static class MemoryResponses
{
    public static MemoryResponse From(Memory m) => new(m.Id, m.Text, m.State == MemoryState.Kept, m.ConversationId, m.CreatedAt, m.UpdatedAt);
}
