namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>Told after the database shows something new about a document: a stage, or progress within one (at most about twice a second).</summary>
public interface IDocumentProgress
{
    Task ChangedAsync(Guid documentId, CancellationToken cancellationToken);
}

/// <summary>Until somebody listens.</summary>
public sealed class NobodyIsTold : IDocumentProgress
{
    public Task ChangedAsync(Guid documentId, CancellationToken cancellationToken) => Task.CompletedTask;
}
