namespace ChatSphere.AI.Chat;

public sealed partial class ModelCatalogue
{
    /// <summary>Whether a model may look at pictures: those of which nobody knows better are taken for yes.</summary>
    public bool MaySee(string? model) => InfoOf(ChainFor(model)[0]).Vision != false;
}
