using ChatSphere.Data.Conversations;

namespace ChatSphere.AI.Chat;

/// <summary>Which models an answer took, in order. Written by one answer, readable at any time.</summary>
public sealed class RouteLog
{
    private const int MaxSteps = 50;
    private readonly Lock _lock = new();
    private readonly List<RouteStep> _steps = [];

    public IReadOnlyList<RouteStep> Steps
    {
        get
        {
            lock (_lock)
            {
                return [.. _steps];
            }
        }
    }

    /// <summary>Rounds with tools are calls of their own but one step.</summary>
    public void Add(RouteStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        lock (_lock)
        {
            if (step.Outcome is RouteOutcomes.Answered && _steps.Count > 0 && _steps[^1] is { Outcome: RouteOutcomes.Answered } last && (last.Model, last.Connection) == (step.Model, step.Connection))
            {
                _steps[^1] = last with
                {
                    Milliseconds = last.Milliseconds + step.Milliseconds,
                    InputTokens = last.InputTokens + step.InputTokens,
                    OutputTokens = last.OutputTokens + step.OutputTokens,
                };
            }
            else if (_steps.Count < MaxSteps)
            {
                _steps.Add(step);
            }
            else if (_steps.FindLastIndex(s => (s.Model, s.OwnKey) == (step.Model, step.OwnKey)) is var at and >= 0)
            {
                // The route is long enough to be read; what it cost still counts.
                _steps[at] = _steps[at] with { InputTokens = _steps[at].InputTokens + step.InputTokens, OutputTokens = _steps[at].OutputTokens + step.OutputTokens };
            }
        }
    }

    internal void Skip(string model, string why) => Add(new(model, null, why, 0, 0, 0, false));
}

/// <summary>What <see cref="RouteStep.Outcome"/> may be beside <see cref="AnswerCodes"/>.</summary>
public static class RouteOutcomes
{
    public const string Answered = "answered";

    /// <summary>It was slow to start, and another that was asked meanwhile spoke first.</summary>
    public const string Outrun = "outrun";

    public const string Cancelled = "cancelled";
    public const string LacksTools = "lacks_tools";
    public const string LacksVision = "lacks_vision";
    public const string LacksJson = "lacks_json";
    public const string ContextTooSmall = "context_too_small";
    public const string NotInPlan = "not_in_plan";
    public const string NotAllowed = "not_allowed";
    public const string Disabled = "disabled";
}
