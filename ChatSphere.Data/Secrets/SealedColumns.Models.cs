using ChatSphere.Data.Models;

namespace ChatSphere.Data.Secrets;

public static partial class SealedColumns
{
    public static readonly SealedColumn ProviderKeys = new("ai.provider_keys", "sealed_key", ProviderKey.Purpose);
}
