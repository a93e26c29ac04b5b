using System.Text;
using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>Keeps with an answer how it came about.</summary>
internal sealed class KeepTrace(TimeProvider time) : IFinishAnswer
{
    /// <summary>More than anybody reads; the best of them.</summary>
    private const int MostPassages = 40;

    private static readonly Dictionary<string, string> Words = new()
    {
        ["AnswerFacts"] = "facts",
        ["ChooseVersion"] = "settings",
        ["RecallHistory"] = "history",
        ["RetrieveKnowledge"] = "retrieval",
    };

    public async Task FinishAsync(ChatSphereDb db, EndedAnswer ended, CancellationToken cancellationToken)
    {
        if (ended.Answer is not { } answer)
        {
            return;
        }

        var draft = ended.Draft;
        answer.BotVersion = draft.BotVersion;
        if (await db.TurnTraces.SingleOrDefaultAsync(t => t.MessageId == answer.Id, cancellationToken) is not { } trace)
        {
            trace = new TurnTrace { MessageId = answer.Id, TurnId = draft.Id, BotId = draft.Bot.Id };
            db.TurnTraces.Add(trace);
        }

        (trace.TurnId, trace.BotId, trace.BotVersion, trace.SearchText, trace.CreatedAt) = (draft.Id, draft.Bot.Id, draft.BotVersion, draft.SearchText, time.GetUtcNow());
        trace.Steps = Steps(ended, answer);
        trace.Passages = Passages(draft, answer);
        trace.Models = Models(ended, answer);
    }

    private static List<TracedStep> Steps(EndedAnswer ended, Message answer)
    {
        var steps = new List<TracedStep>();
        var at = 0d;
        foreach (var (step, took) in ended.Draft.Timings)
        {
            Add(Words.GetValueOrDefault(step) ?? SnakeCase(step), took.TotalMilliseconds);
        }

        // What is not in a step before the first word is the model's thinking, and after it its writing.
        var total = ended.Took.TotalMilliseconds;
        var first = answer.Usage?.FirstTokenMilliseconds is { } word ? Math.Clamp(word, at, Math.Max(at, total)) : (double?)null;
        Add("first_word", (first ?? Math.Max(at, total)) - at);
        if (first is not null)
        {
            Add("writing", Math.Max(0, total - at));
        }

        return steps;

        void Add(string name, double milliseconds)
        {
            steps.Add(new TracedStep { Name = name, StartMilliseconds = Math.Round(at, 1), Milliseconds = Math.Round(milliseconds, 1) });
            at += milliseconds;
        }
    }

    private static List<TracedPassage> Passages(AnswerDraft draft, Message answer)
    {
        var numbers = draft.Passages.Select((p, i) => (p.ChunkId, Number: i + 1)).DistinctBy(p => p.ChunkId).ToDictionary(p => p.ChunkId, p => p.Number);
        var candidates = draft.Retrieval.Candidates.DistinctBy(c => c.ChunkId).ToList();
        var known = candidates.Select(c => c.ChunkId).ToHashSet();

        // Found in other ways: in files of the conversation, or by the model itself.
        candidates.InsertRange(0, draft.Passages.Where(p => known.Add(p.ChunkId)).Select(p =>
            new RetrievalCandidate(p.ChunkId, p.DocumentId, p.Page, p.Start, p.End, null, p.LexicalScore, null, p.VectorScore, p.Score, CandidateFate.Chosen)));
        return [.. candidates.OrderBy(c => numbers.GetValueOrDefault(c.ChunkId, int.MaxValue)).Take(MostPassages).Select(c =>
        {
            int? number = numbers.TryGetValue(c.ChunkId, out var n) ? n : null;
            var fate = number is { } place ? FateOf(place) : c.Fate switch
            {
                CandidateFate.Duplicate => PassageFate.Duplicate,
                CandidateFate.Gone => PassageFate.Gone,
                _ => PassageFate.BelowCut,
            };
            return new TracedPassage
            {
                ChunkId = c.ChunkId,
                DocumentId = c.DocumentId,
                Page = c.Page,
                Start = c.Start,
                End = c.End,
                Number = number,
                LexicalRank = c.LexicalRank,
                LexicalScore = c.LexicalScore,
                VectorRank = c.VectorRank,
                VectorScore = c.VectorScore,
                Score = c.Score,
                Fate = fate,
            };
        })];

        PassageFate FateOf(int number) =>
            answer.Citations.Any(c => c.Number == number) ? PassageFate.Cited
            : draft.NotVerified.Contains(number) ? PassageFate.NotVerified
            : draft.Prompt.SourceNumbers?.Contains(number) == false ? PassageFate.OverBudget
            : PassageFate.Given;
    }

    private static List<TracedModel> Models(EndedAnswer ended, Message answer) =>
        ended.Draft.Route.Steps is { Count: > 0 } route ? [.. route.Select(r => new TracedModel { Model = r.Model, Outcome = r.Outcome })]
        : answer.Model is { } model ? [new TracedModel { Model = model, Outcome = "answered" }]
        : answer.FailureCode is { } code ? [new TracedModel { Model = ended.Draft.Model ?? "", Outcome = code }]
        : [];

    private static string SnakeCase(string name)
    {
        var word = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && word.Length > 0)
            {
                word.Append('_');
            }

            word.Append(char.ToLowerInvariant(c));
        }

        return word.ToString();
    }
}
