using Aspire.Hosting.Testing;
using Npgsql;

namespace ChatSphere.Tests.Infrastructure;

/// <summary>The system's own database, for what no route does: time gone by, an administrator's hand, what is kept and what is not.</summary>
internal static class Database
{
    public static async Task<NpgsqlDataSource> DatabaseAsync(this ChatSphereApp app) => NpgsqlDataSource.Create((await (await app.App).GetConnectionStringAsync("chatsphere"))!);

    public static async Task<int> ExecuteAsync(this NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = Command(database, sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first value of the first row.</summary>
    public static async Task<object?> AskAsync(this NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = Command(database, sql, values);
        return await command.ExecuteScalarAsync();
    }

    private static NpgsqlCommand Command(NpgsqlDataSource database, string sql, object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
