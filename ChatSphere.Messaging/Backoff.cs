namespace ChatSphere.Messaging;

internal static class Backoff
{
    /// <summary>0.25 s doubling to 10 s, give or take a fifth, so that many who lost the same server do not all come back at once.</summary>
    public static TimeSpan After(int failures) =>
        TimeSpan.FromSeconds(Math.Min(10, 0.25 * Math.Pow(2, Math.Min(failures, 10))) * (0.8 + (0.4 * Random.Shared.NextDouble())));
}
