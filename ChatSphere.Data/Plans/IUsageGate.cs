using Microsoft.EntityFrameworkCore.Storage;

namespace ChatSphere.Data.Plans;

public static class UsageKinds
{
    public const string Bots = "bots";
    public const string Documents = "documents";
    public const string StorageBytes = "storage_bytes";
    public const string Messages = "messages";
    public const string Models = "models";
    public const string ApiKeys = "api_keys";
    public const string Seats = "seats";
    public const string OwnKeys = "own_keys";
}

/// <summary>Why there is no room.</summary>
/// <param name="Kind">One of <see cref="UsageKinds"/>.</param>
/// <param name="Limit">Null where a number says nothing: models, keys of one's own.</param>
/// <param name="Resets">When a limit by days begins anew; null: it does not by itself.</param>
/// <param name="PlanKey">The plan whose limit it is.</param>
public sealed record UsageRefusal(string Kind, long? Limit, long Used, DateTimeOffset? Resets, string PlanKey, string PlanName);

/// <summary>
/// Room that was asked for. Where there is, it is held in a transaction of the scope's <see cref="ChatSphereDb"/>: what the caller saves next and the use of the room
/// become true together with <see cref="KeepAsync"/>, or neither does.
/// </summary>
public sealed class UsageRoom : IAsyncDisposable
{
    private readonly IDbContextTransaction? _transaction;

    internal UsageRoom(UsageRefusal? refusal, IDbContextTransaction? transaction) => (Refusal, _transaction) = (refusal, transaction);

    /// <summary>Null: there is room.</summary>
    public UsageRefusal? Refusal { get; }

    /// <summary>Commits. Does nothing where the caller had a transaction before, which then decides.</summary>
    public Task KeepAsync(CancellationToken cancellationToken) => _transaction?.CommitAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Without <see cref="KeepAsync"/> before it, nothing was used and nothing was saved.</summary>
    public ValueTask DisposeAsync() => _transaction?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <param name="Refusal">Set: there is no room for anything.</param>
/// <param name="Bytes">How much the next file may have; <see cref="long.MaxValue"/> without a limit.</param>
/// <param name="IfMore">Why a file with more has no room; null without a limit.</param>
public sealed record DocumentOutlook(UsageRefusal? Refusal, long Bytes, UsageRefusal? IfMore);

/// <param name="Models">Beside the deployment's default, which every plan has; null: all.</param>
/// <param name="OwnKeys">Keys of one's own are used.</param>
public sealed record ModelAllowance(IReadOnlyCollection<string>? Models, bool OwnKeys)
{
    public static ModelAllowance Everything { get; } = new(null, true);
}

/// <summary>
/// Asked wherever something costs. What it guarantees: nobody gets more than the limits of their plan by any number of requests at once on any number of nodes; a use is
/// counted exactly if what it is for is saved; without a limit it asks little. It decides by what is in the database at that moment and remembers nothing.
/// Call it after everything that may refuse for other reasons, and right before saving: it holds others of the same account up until then.
/// </summary>
public interface IUsageGate
{
    /// <summary>Room for one more bot of this owner, which uses this model.</summary>
    /// <param name="model">Null: the deployment's default, which every plan has.</param>
    Task<UsageRoom> ForBotAsync(Guid ownerId, string? model, CancellationToken cancellationToken);

    /// <summary>Whether this person's plan lacks the model; null when it does not.</summary>
    Task<UsageRefusal?> RefuseModelAsync(Guid accountId, string? model, CancellationToken cancellationToken);

    /// <summary>What this person's plan has of models, without a limit to be used up.</summary>
    Task<ModelAllowance> ModelsOfAsync(Guid accountId, CancellationToken cancellationToken);

    /// <summary>Whether this person's plan lacks keys of one's own; null when it does not.</summary>
    Task<UsageRefusal?> RefuseOwnKeysAsync(Guid accountId, CancellationToken cancellationToken);

    /// <summary>
    /// One message of today, for somebody who asks a bot that uses this model. Reserved before the turn is saved and counted with it: a turn that is not saved, or that was
    /// saved before, counts nothing.
    /// </summary>
    Task<UsageRoom> ForMessageAsync(Guid accountId, string? model, CancellationToken cancellationToken);

    /// <summary>Gives a message back that cost nothing: its turn ended before a model said a word. The caller sees to it that this happens once a turn.</summary>
    /// <param name="at">When the turn began, which says the day.</param>
    Task GiveBackMessageAsync(Guid accountId, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>A look ahead before a file is taken in, so that nobody sends what cannot be kept; <see cref="ForDocumentAsync"/> decides.</summary>
    Task<DocumentOutlook> LookForDocumentAsync(Guid botId, CancellationToken cancellationToken);

    /// <summary>Room for one more document of this size, at the cost of the bot's owner, whoever brings it.</summary>
    Task<UsageRoom> ForDocumentAsync(Guid botId, long bytes, CancellationToken cancellationToken);

    /// <summary>Room for something of this size that a person gives to a conversation; it counts as storage, not as a document.</summary>
    Task<UsageRoom> ForAttachmentAsync(Guid ownerId, long bytes, CancellationToken cancellationToken);

    /// <summary>Room for one more API key that works.</summary>
    Task<UsageRoom> ForApiKeyAsync(Guid accountId, CancellationToken cancellationToken);

    /// <summary>Room for one more person on the plan that this account itself has: a seat gives no seats.</summary>
    Task<UsageRoom> ForSeatAsync(Guid ownerId, CancellationToken cancellationToken);
}
