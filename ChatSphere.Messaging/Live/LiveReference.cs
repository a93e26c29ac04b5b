namespace ChatSphere.Messaging.Live;

/// <summary>
/// What a live message carries: which thing changed, not what it is. The node that delivers it asks the database as the reader, so nobody is sent what he may no longer
/// see, and a burst of changes to one thing becomes one look.
/// </summary>
public sealed record LiveReference(Guid Id, Guid? ParentId = null);
