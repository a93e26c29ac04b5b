using Npgsql;

namespace ChatSphere.Data;

public static class DatabaseFaults
{
    /// <summary>The database does not answer, shuts down, or has no more connections: what was asked may succeed later, unchanged. Looks through what wraps it.</summary>
    public static bool IsAway(Exception? e) => e switch
    {
        null => false,

        // Class 57P: shutting down or starting up; class 53: out of connections or room.
        PostgresException p => p.SqlState.StartsWith("57P", StringComparison.Ordinal) || p.SqlState.StartsWith("53", StringComparison.Ordinal),
        NpgsqlException => true,
        _ => IsAway(e.InnerException),
    };
}
