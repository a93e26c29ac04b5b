using ChatSphere.Contracts;

namespace ChatSphere.Api.Http;

internal static class Pages
{
    /// <summary>A page of what was found by asking for one row more than wanted, which tells whether more follow.</summary>
    public static Page<T> Of<T>(List<T> found, int take, Func<T, string> cursor)
    {
        if (found.Count <= take)
        {
            return new Page<T>(found, null);
        }

        found.RemoveRange(take, found.Count - take);
        return new Page<T>(found, cursor(found[^1]));
    }
}
