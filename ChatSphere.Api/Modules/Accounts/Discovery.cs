using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

internal static class Discovery
{
    /// <summary>
    /// Authorization server metadata (RFC 8414): what another program needs to check our access tokens. Endpoints of OAuth grants are missing because there are none;
    /// signing in is our own API.
    /// </summary>
    public static JsonHttpResult<Dictionary<string, object>> Handle(HttpRequest request, IOptions<TokenOptions> tokens)
    {
        // Where this document was read, the keys are too: the Api may have another address than the web pages that name the issuer.
        var here = $"{request.Scheme}://{request.Host}";
        return TypedResults.Json(new Dictionary<string, object>
        {
            ["issuer"] = tokens.Value.Issuer,
            ["jwks_uri"] = $"{here}/.well-known/jwks.json",
            ["response_types_supported"] = Array.Empty<string>(),
            ["grant_types_supported"] = Array.Empty<string>(),
            ["subject_types_supported"] = new[] { "public" },
            ["id_token_signing_alg_values_supported"] = new[] { "ES256" },
            ["access_token_signing_alg_values_supported"] = new[] { "ES256" },
            ["service_documentation"] = $"{here}/openapi/v1.json",
        });
    }
}

/// <summary>The issuer is this site, unless configuration names another.</summary>
internal sealed class IssuerFromSite(IOptions<SiteOptions> site) : IPostConfigureOptions<TokenOptions>
{
    public void PostConfigure(string? name, TokenOptions options)
    {
        if (string.IsNullOrEmpty(options.Issuer))
        {
            options.Issuer = site.Value.Origin.TrimEnd('/');
        }
    }
}
