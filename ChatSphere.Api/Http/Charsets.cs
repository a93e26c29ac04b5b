using ChatSphere.Contracts;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Api.Http;

internal static class Charsets
{
    /// <summary>JSON is UTF-8 (RFC 8259, 8.1). Others would be transcoded, which some cannot be and which hides text from whoever looks at the bytes.</summary>
    public static IApplicationBuilder UseUtf8Only(this IApplicationBuilder app) => app.Use((context, next) =>
        MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.Charset is { HasValue: true } charset && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)
            ? Problems.Of(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported, "Send text as UTF-8.").ExecuteAsync(context)
            : next(context));
}
