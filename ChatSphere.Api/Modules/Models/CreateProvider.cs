using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Models;
using ChatSphere.Data;
using ChatSphere.Data.Models;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ProviderKind = ChatSphere.Data.Models.ProviderKind;

namespace ChatSphere.Api.Modules.Models;

internal static class CreateProvider
{
    private const int MaxOfDeployment = 100;
    private const int MaxOfAccount = 10;

    public static Task<Results<Created<ProviderResponse>, ProblemHttpResult>> ForAllAsync(
        CreateProviderRequest request, ChatSphereDb db, ProviderChange change, ProviderConnections connections, TimeProvider time, CancellationToken cancellationToken) =>
        CreateAsync(request, null, db, change, connections, time, cancellationToken);

    public static async Task<Results<Created<ProviderResponse>, ProblemHttpResult>> ForMeAsync(
        CreateProviderRequest request, CurrentUser user, ChatSphereDb db, IUsageGate gate, ProviderChange change, ProviderConnections connections, IOptions<AiOptions> options, TimeProvider time, CancellationToken cancellationToken) =>
        !options.Value.OwnKeys ? OwnKeysOff()
        : await gate.RefuseOwnKeysAsync(user.AccountId, cancellationToken) is { } refusal ? refusal.ToProblem()
        : await CreateAsync(request with { SkipTest = false }, user.AccountId, db, change, connections, time, cancellationToken);

    public static ProblemHttpResult OwnKeysOff() => Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.OwnKeysOff, "Keys of one's own are not used here.");

    private static async Task<Results<Created<ProviderResponse>, ProblemHttpResult>> CreateAsync(
        CreateProviderRequest request, Guid? ownerId, ChatSphereDb db, ProviderChange change, ProviderConnections connections, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var keys = ProviderChange.Clean(request.Keys);
        var provider = new ProviderConnection
        {
            Id = Guid.CreateVersion7(now),
            OwnerId = ownerId,
            Kind = (ProviderKind)request.Kind,
            Name = request.Name.Trim(),
            Endpoint = ProviderChange.CleanText(request.Endpoint),
            ApiVersion = ProviderChange.CleanText(request.ApiVersion),
            TenantId = ProviderChange.CleanText(request.TenantId),
            ClientId = ProviderChange.CleanText(request.ClientId),
            Models = ProviderChange.CleanModels(request.Models),
            DefaultModel = ownerId is null ? ProviderChange.CleanText(request.DefaultModel) : null,
            Priority = request.Priority,
            IsEnabled = request.IsEnabled,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if (change.Refuse(provider, keys) is { } refusal)
        {
            return refusal;
        }

        if (keys.Count == 0 && provider.Kind != ProviderKind.OpenAiCompatible)
        {
            return Problems.Invalid("keys", "Give a key.");
        }

        if (await db.ProviderConnections.CountAsync(c => c.OwnerId == ownerId, cancellationToken) >= (ownerId is null ? MaxOfDeployment : MaxOfAccount))
        {
            return Problems.Conflict(ErrorCodes.ProviderTooMany, "There are as many connections as can be; remove one first.");
        }

        if (!request.SkipTest)
        {
            var result = await change.TryAsync(provider, keys, cancellationToken);
            if (!result.Works)
            {
                return ProviderChange.Failed(result);
            }

            provider.ListedModels = [.. result.Models];
        }

        db.ProviderConnections.Add(provider);
        change.Add(provider, keys);
        change.Record(provider, "connected");
        if (await change.SaveAsync(provider, cancellationToken) is { } conflict)
        {
            return conflict;
        }

        var response = (await ProviderResponses.ListAsync(db, db.ProviderConnections.Where(c => c.Id == provider.Id), connections.Connections, cancellationToken)).Single();
        return TypedResults.Created(ownerId is null ? $"/v1/admin/providers/{provider.Id}" : $"/v1/providers/{provider.Id}", response);
    }
}
