using Microsoft.AspNetCore.Http.Features;

namespace ChatSphere.Api.Http;

internal static class OversizeBodies
{
    private const long MostDrained = 16 << 20;
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A body that says itself that it is too large is read to its end, within bounds, before it is refused: most clients only look for an answer once they have sent
    /// everything, and a connection closed under them shows them no problem, just a broken pipe.
    /// </summary>
    public static IApplicationBuilder UseOversizeBodies(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false, MaxRequestBodySize: { } limit } size || !(context.Request.ContentLength > limit))
        {
            await next(context);
            return;
        }

        if (context.Request.ContentLength <= MostDrained)
        {
            size.MaxRequestBodySize = MostDrained;
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            enough.CancelAfter(LongestDrain);
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null, enough.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // Too slow, or gone: it is refused all the same.
            }
        }

        await TypedResults.Problem(statusCode: StatusCodes.Status413PayloadTooLarge).ExecuteAsync(context);
    });
}
