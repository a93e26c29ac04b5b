using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Conversations;

/// <summary>What people do with conversations beyond asking.</summary>
internal static class Talks
{
    public static async Task<TurnResponse> AsksAsync(this Person person, Guid conversationId, CreateTurnRequest request) =>
        await (await person.PostAsync($"/v1/conversations/{conversationId}/turns", request)).ReadAsync<TurnResponse>();

    /// <summary>Asks, and waits until all of its answers are there.</summary>
    public static async Task<TurnResponse> HasAnsweredAsync(this Person person, Guid conversationId, CreateTurnRequest request)
    {
        var turn = await person.AsksAsync(conversationId, request);
        await person.WaitsForAsync(turn);
        return turn;
    }

    public static Task<TurnResponse> HasAnsweredAsync(this Person person, Guid conversationId, string text) => person.HasAnsweredAsync(conversationId, new CreateTurnRequest(text));

    public static async Task WaitsForAsync(this Person person, TurnResponse turn)
    {
        foreach (var each in turn.Others.Prepend(turn))
        {
            Assert.Equal(TurnEventNames.Done, (await person.EventsAsync(each.Id))[^1].Name);
        }

        // The last event is said once the answer is kept; the conversation is freed with it.
    }

    public static async Task<TurnResponse> AnswersAgainAsync(this Person person, Guid conversationId, Guid messageId, params string[] models)
    {
        var turn = await (await person.PostAsync($"/v1/conversations/{conversationId}/messages/{messageId}/answers", new AnswerAgainRequest(models))).ReadAsync<TurnResponse>();
        await person.WaitsForAsync(turn);
        return turn;
    }

    public static async Task<ConversationResponse> ChoosesAsync(this Person person, Guid conversationId, Guid messageId) =>
        await (await person.SendAsync(HttpMethod.Put, $"/v1/conversations/{conversationId}/current", new ChooseBranchRequest(messageId))).ReadAsync<ConversationResponse>();

    public static async Task<ConversationResponse> ChangesAsync(this Person person, Guid conversationId, UpdateConversationRequest change) =>
        await (await person.SendAsync(HttpMethod.Patch, $"/v1/conversations/{conversationId}", change)).ReadAsync<ConversationResponse>();

    public static async Task<IReadOnlyList<MessageResponse>> TreeAsync(this Person person, Guid conversationId) =>
        [.. (await person.GetAsync<Page<MessageResponse>>($"/v1/conversations/{conversationId}/messages?tree=true&limit=200")).Items.Reverse()];

    public static async Task<IReadOnlyList<Guid>> ListsAsync(this Person person, string query = "") =>
        [.. (await person.GetAsync<Page<ConversationResponse>>("/v1/conversations" + query)).Items.Select(c => c.Id)];
}
