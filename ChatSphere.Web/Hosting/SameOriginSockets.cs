namespace ChatSphere.Web.Hosting;

public static class SameOriginSockets
{
    /// <summary>
    /// A page of another site can open a socket to this one, and browsers ask nobody: only the Origin header tells. A socket of ours always comes from a page of ours.
    /// </summary>
    public static void UseSameOriginSockets(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!context.WebSockets.IsWebSocketRequest && !string.Equals(context.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        var request = context.Request;
        if (request.Headers.Origin.Count == 1 && string.Equals(request.Headers.Origin[0], $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    });
}
