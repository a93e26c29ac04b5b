using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChatSphere.Data;

/// <summary>
/// The role that Api and Worker run as: reads and writes rows, adds to the audit trail but changes nothing there, and has no say about the schema. The migrate step makes it;
/// it belongs to the whole PostgreSQL server, its rights to this database. See docs/adr/0013.
/// </summary>
public static partial class DatabaseRole
{
    public const string Name = "chatsphere_app";

    /// <summary>
    /// Makes the role and gives it its rights, as the owner. Where the login may not make roles, nothing is done and the programs run as who they sign in as: an administrator
    /// of the server can make the role beforehand (docs/audit.md).
    /// </summary>
    /// <returns>Whether the role is there.</returns>
    public static async Task<bool> EnsureAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var logger = scope.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DatabaseRole));
        var schemas = db.Model.GetEntityTypes().Select(e => e.GetSchema()).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellationToken);
        for (var tries = 0; ; tries++)
        {
            try
            {
                await using var command = new NpgsqlCommand(Sql(schemas), connection) { CommandTimeout = 120 };
                await command.ExecuteNonQueryAsync(cancellationToken);
                return true;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
            {
                LogNotMade(logger, Name, e.MessageText);
                return false;
            }
            catch (PostgresException e) when (tries < 5 && e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.InternalError)
            {
                // Another database of the same server is being set up at this moment ("tuple concurrently updated").
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            }
        }
    }

    /// <summary>
    /// The connection string with the role as the session's own: it survives the reset of pooled connections. Unchanged where the role is missing, has no rights in this
    /// database yet, or the login is not its member.
    /// </summary>
    internal static bool TryUse(NpgsqlConnectionStringBuilder connection, out string? whyNot)
    {
        // A short look before the pool is made, because PostgreSQL refuses a connection that names a role which is not there.
        var look = new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Pooling = false, Timeout = 5, CommandTimeout = 5 };
        try
        {
            using var probe = new NpgsqlConnection(look.ConnectionString);
            probe.Open();
            using var command = new NpgsqlCommand("""
                select pg_has_role(current_user, r.oid, 'member') and has_schema_privilege(r.oid, n.oid, 'usage')
                from pg_roles r, pg_namespace n where r.rolname = $1 and n.nspname = 'audit'
                """, probe) { Parameters = { new() { Value = Name } } };
            if (command.ExecuteScalar() is not true)
            {
                whyNot = $"the role {Name} is missing or not given to {probe.UserName}";
                return false;
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            // Not known. Should the role be missing, PostgreSQL refuses and the program starts again: better than serving as the owner.
        }

        connection.Options = string.IsNullOrEmpty(connection.Options) ? $"-c role={Name}" : $"{connection.Options} -c role={Name}";
        whyNot = null;
        return true;
    }

    private static string Sql(IEnumerable<string> schemas)
    {
        var all = string.Join(", ", schemas);
        var rows = string.Join(", ", schemas.Where(s => s != "audit"));
        return $"""
            do $role$
            begin
              if not exists (select 1 from pg_roles where rolname = '{Name}') then
                create role {Name} nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
              end if;
              if not pg_has_role(current_user, '{Name}', 'member') then
                grant {Name} to current_user;
              end if;
            end $role$;
            grant usage on schema {all}, public to {Name};
            grant select, insert, update, delete on all tables in schema {rows} to {Name};
            grant usage, select, update on all sequences in schema {rows} to {Name};
            grant select on public.migrations to {Name};
            alter default privileges in schema {rows} grant select, insert, update, delete on tables to {Name};
            alter default privileges in schema {rows} grant usage, select, update on sequences to {Name};
            grant select, insert on all tables in schema audit to {Name};
            revoke update, delete, truncate, references, trigger on audit.events, audit.links, audit.checkpoints, audit.keys from {Name};
            grant delete on audit.pending to {Name};
            grant update (protected_private_key) on audit.keys to {Name};
            alter default privileges in schema audit grant select, insert on tables to {Name};
            """;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database role {Role} could not be made or given its rights; Api and Worker run with the rights of their own login: {Why}")]
    private static partial void LogNotMade(ILogger logger, string role, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Running with the rights of the database login, not as a restricted role: {Why}. Run `ChatSphere.Worker migrate` as a login that may create roles.")]
    internal static partial void LogUnrestricted(ILogger logger, string why);
}
