using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Data;
using Npgsql;

namespace ChatSphere.Data.Communities;

/// <summary>
/// The facts that rights follow from, kept in memory by their version. Whoever asks has just read that version from the database, so what is answered is never older than the
/// question; see <see cref="Server.RightsVersion"/>.
/// </summary>
public sealed class ServerSnapshots(NpgsqlDataSource source)
{
    private const int ForgetAbove = 2_000;
    private readonly ConcurrentDictionary<Guid, ServerSnapshot> _known = new();

    /// <summary>Null: there is no such server.</summary>
    /// <param name="version">As read by the caller.</param>
    public async ValueTask<ServerSnapshot?> GetAsync(Guid serverId, long version, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(serverId, out var known) && known.Version >= version)
        {
            return known;
        }

        var loaded = await LoadAsync(serverId, cancellationToken);
        if (loaded is not null)
        {
            if (_known.Count > ForgetAbove)
            {
                _known.Clear();
            }

            _known.AddOrUpdate(serverId, loaded, (_, other) => other.Version > loaded.Version ? other : loaded);
        }

        return loaded;
    }

    private async Task<ServerSnapshot?> LoadAsync(Guid serverId, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);

        // One moment for all questions.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        return await ReadAsync(connection, transaction, serverId, cancellationToken);
    }

    /// <summary>The facts as this transaction sees them, for who is about to change them.</summary>
    public static async Task<ServerSnapshot?> ReadAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid serverId, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new("select owner_id, rights_version from communities.servers where id = $1") { Parameters = { new() { Value = serverId } } },
                new("select id, permissions, position from communities.server_roles where server_id = $1") { Parameters = { new() { Value = serverId } } },
                new("select id, kind, parent_id from communities.channels where server_id = $1 and kind <> 'Thread' and deleted_at is null") { Parameters = { new() { Value = serverId } } },
                new("""
                    select o.channel_id, o.target_id, o.target, o.allow, o.deny from communities.channel_overwrites o
                    join communities.channels c on c.id = o.channel_id where c.server_id = $1 and c.deleted_at is null
                    """) { Parameters = { new() { Value = serverId } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var (ownerId, version) = (reader.GetGuid(0), reader.GetInt64(1));
        await reader.NextResultAsync(cancellationToken);
        var roles = new Dictionary<Guid, RoleFacts>();
        while (await reader.ReadAsync(cancellationToken))
        {
            roles[reader.GetGuid(0)] = new RoleFacts(reader.GetGuid(0), (ServerPermissions)reader.GetInt64(1), reader.GetInt32(2));
        }

        await reader.NextResultAsync(cancellationToken);
        var channels = new Dictionary<Guid, (ChannelKind Kind, Guid? ParentId, List<OverwriteFacts> Overwrites)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            channels[reader.GetGuid(0)] = (Enum.Parse<ChannelKind>(reader.GetString(1)), reader.IsDBNull(2) ? null : reader.GetGuid(2), []);
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            channels[reader.GetGuid(0)].Overwrites.Add(
                new OverwriteFacts(reader.GetGuid(1), Enum.Parse<OverwriteTarget>(reader.GetString(2)), (ServerPermissions)reader.GetInt64(3), (ServerPermissions)reader.GetInt64(4)));
        }

        return new ServerSnapshot(serverId, ownerId, version, roles.ToFrozenDictionary(), channels.ToFrozenDictionary(c => c.Key, c => new ChannelFacts(c.Key, c.Value.Kind, c.Value.ParentId, c.Value.Overwrites)));
    }
}
