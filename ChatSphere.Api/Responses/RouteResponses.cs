using ChatSphere.Contracts.Conversations;
using ChatSphere.Data.Conversations;

namespace ChatSphere.Api.Responses;

internal static class RouteResponses
{
    public static IReadOnlyList<RouteStepResponse>? ToResponse(this IReadOnlyList<RouteStep>? route) =>
        route is null ? null : [.. route.Select(s => new RouteStepResponse(s.Model, s.Connection, s.Outcome, s.Milliseconds, s.InputTokens, s.OutputTokens, s.OwnKey))];
}
