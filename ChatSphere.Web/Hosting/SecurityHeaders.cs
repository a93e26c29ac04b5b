namespace ChatSphere.Web.Hosting;

public static class SecurityHeaders
{
    /// <summary>
    /// Nothing inline and nothing from elsewhere: no page here has an inline script or style, so the policy needs neither nonces nor hashes.
    /// The socket's address is spelled out because some browsers do not count it as <c>'self'</c>.
    /// </summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var request = context.Request;
        var socket = Uri.CheckHostName(request.Host.Host) is UriHostNameType.Unknown ? "" : $" {(request.IsHttps ? "wss" : "ws")}://{request.Host.Value}";
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'{socket}; manifest-src 'self'; "
            + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'; object-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.XFrameOptions = "DENY";
        if (request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        }

        return next(context);
    });
}
