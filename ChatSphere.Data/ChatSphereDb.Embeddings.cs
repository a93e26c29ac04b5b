using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<EmbeddingSet> EmbeddingSets => Set<EmbeddingSet>();
    public DbSet<EmbeddingRefusal> EmbeddingRefusals => Set<EmbeddingRefusal>();
}
