using ChatSphere.Contracts.Communities;

namespace ChatSphere.Contracts.Live;

public static partial class LiveEventTypes
{
    /// <summary>
    /// Data: <see cref="PresenceResponse"/>. Of friends always, of others in a server to connections that look at that server (its id is among those of <see cref="LookingRequest"/>).
    /// At most every ten seconds for one person.
    /// </summary>
    public const string PresenceChanged = "presence_changed";
}
