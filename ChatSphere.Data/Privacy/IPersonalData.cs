namespace ChatSphere.Data.Privacy;

/// <summary>
/// What one module keeps about a person. Every module that has a table with somebody's account id implements it, beside its entities, and registers it in
/// <c>AddPersonalData</c>; a test fails for a table that nobody owns.
/// </summary>
public interface IPersonalData
{
    /// <summary>The file or folder name in the export: the module's name in lower case.</summary>
    string Section { get; }

    /// <summary>The entity types with account ids that this answers for, also those of which nothing is exported or erased (and the implementation says why).</summary>
    IReadOnlyList<Type> Owns { get; }

    /// <summary>Writes everything that the person has here, and nothing of anybody else's.</summary>
    Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what is the person's, and takes the person out of what others need to keep. May run twice, and again after a restore, so what is gone already is no error.
    /// Runs in the background, in a transaction of the caller's.
    /// </summary>
    Task EraseAsync(Guid accountId, CancellationToken cancellationToken);
}

/// <summary>Takes an export, piece by piece, so that nothing has to fit into memory.</summary>
public interface IPersonalDataWriter
{
    /// <summary>A JSON array, as <c>section/name.json</c>.</summary>
    Task WriteAsync<T>(string name, IAsyncEnumerable<T> items, CancellationToken cancellationToken);

    /// <summary>A file as it was given to us, as <c>section/files/name</c>.</summary>
    Task WriteFileAsync(string name, Stream content, CancellationToken cancellationToken);
}
