using System.Buffers.Text;
using ChatSphere.Contracts.Audit;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ChatSphere.Api.Modules.Audit;

internal static class ListAuditKeys
{
    public static async Task<Ok<AuditKeysResponse>> HandleAsync(AuditKeys keys, NpgsqlDataSource source, CancellationToken cancellationToken) =>
        TypedResults.Ok(new AuditKeysResponse([.. (await keys.PublicAsync(source, cancellationToken)).Select(k =>
            new AuditKeyResponse(k.Id, "EC", "P-256", Base64Url.EncodeToString(k.Public.Q.X), Base64Url.EncodeToString(k.Public.Q.Y), k.CreatedAt))]));
}
