namespace ChatSphere.Benchmarks.Scenarios;

internal static class Crowd
{
    /// <summary>Results in order, with so many at a time under way.</summary>
    public static async Task<T[]> MapAsync<T>(int count, int atATime, Func<int, Task<T>> run)
    {
        var results = new T[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = atATime }, async (i, _) => results[i] = await run(i));
        return results;
    }

    /// <summary>Says what went wrong, by frequency; the exit code is 0 only when nothing did.</summary>
    public static int Report(IReadOnlyCollection<string> failures, int refusals)
    {
        if (refusals > 0)
        {
            Console.WriteLine($"The Api answered 429 {refusals} times; the waits it asked for are not in the times of turns, but in everything else.");
        }

        foreach (var failure in failures.GroupBy(text => text).OrderByDescending(same => same.Count()).Take(5))
        {
            Console.WriteLine($"{failure.Count()} failed: {failure.Key}");
        }

        return failures.Count == 0 ? 0 : 1;
    }
}
