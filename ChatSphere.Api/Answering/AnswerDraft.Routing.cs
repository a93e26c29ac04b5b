using ChatSphere.AI.Chat;

namespace ChatSphere.Api.Answering;

internal sealed partial class AnswerDraft
{
    /// <summary>What the asker may use, once it is known.</summary>
    public ModelAccess? Access { get; set; }

    /// <summary>The asker's own connections.</summary>
    public IReadOnlyList<ModelConnection> OwnConnections { get; set; } = [];

    /// <summary>Which models were asked, filled while the answer is written.</summary>
    public RouteLog Route { get; } = new();
}
