using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Testing;
using ChatSphere.Tests.Chat;

namespace ChatSphere.Tests.Context;

public sealed class CountingTokensTests
{
    [Fact]
    public void A_model_that_said_nothing_yet_is_taken_at_the_estimate() => Assert.Equal(1, new TokenRatios().Of("new"));

    [Fact]
    public void What_a_model_reports_moves_its_ratio_and_no_others()
    {
        var ratios = new TokenRatios();
        for (var i = 0; i < 50; i++)
        {
            ratios.Observe("dense", 1_000, 1_500);
        }

        Assert.InRange(ratios.Of("dense"), 1.45, 1.5);
        Assert.Equal(1, ratios.Of("other"));
    }

    [Fact]
    public void One_call_moves_little_and_nothing_moves_it_out_of_bounds()
    {
        var ratios = new TokenRatios();
        ratios.Observe("m", 100, 200);
        Assert.InRange(ratios.Of("m"), 1.01, 1.15);
        for (var i = 0; i < 1_000; i++)
        {
            ratios.Observe("m", 1_000, 9_000);
            ratios.Observe("n", 1_000, 110);
        }

        Assert.Equal(TokenRatios.Most, ratios.Of("m"));
        Assert.Equal(TokenRatios.Least, ratios.Of("n"));
    }

    [Theory]
    [InlineData(10, 20)]
    [InlineData(1_000, 0)]
    [InlineData(1_000, 1_000_000_000)]
    public void Reports_out_of_all_reason_are_not_taken(int estimated, long reported)
    {
        var ratios = new TokenRatios();
        ratios.Observe("m", estimated, reported);
        Assert.Equal(1, ratios.Of("m"));
        Assert.Empty(ratios.Take());
    }

    [Fact]
    public void A_model_that_changes_is_followed()
    {
        var ratios = new TokenRatios();
        for (var i = 0; i < 2_000; i++)
        {
            ratios.Observe("m", 1_000, 1_000);
        }

        for (var i = 0; i < 600; i++)
        {
            ratios.Observe("m", 1_000, 2_000);
        }

        Assert.InRange(ratios.Of("m"), 1.7, 2);
    }

    [Fact]
    public void What_one_node_saw_another_knows()
    {
        var (here, there) = (new TokenRatios(), new TokenRatios());
        here.Observe("m", 10_000, 15_000);
        var (model, counted) = Assert.Single(here.Take());
        Assert.Empty(here.Take());
        there.Put(model, counted);
        Assert.Equal(here.Of("m"), there.Of("m"), 6);
    }

    [Fact]
    public void The_prompt_shrinks_for_a_model_that_takes_more_tokens()
    {
        var history = Enumerable.Range(1, 100).Select(i => new PastMessage(i % 2 == 1 ? PastRole.User : PastRole.Assistant, $"Message {i} about this and that and some other things")).ToList();
        var request = Answering.Ask("And now?") with { History = history };
        var (plain, dense) = (AnswerPrompt.Assemble(request, 1_200), AnswerPrompt.Assemble(request, 1_200, 2));
        Assert.True(dense.Messages.Count < plain.Messages.Count, $"{dense.Messages.Count} of {plain.Messages.Count}");
        Assert.True(plain.EstimatedTokens <= 1_200);
        Assert.True(dense.EstimatedTokens <= 1_200);
    }

    [Fact]
    public async Task Answers_teach_the_ratio_of_the_model_that_gave_them()
    {
        var ratios = new TokenRatios();
        var provider = new ScriptedProvider("first");
        var time = new ManualTime(TimeSpan.FromSeconds(12));
        var options = Microsoft.Extensions.Options.Options.Create(new AiOptions());
        var writer = new AnswerWriter(
            new([provider], options, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<ModelCatalogue>.Instance), new(time), options, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<AnswerWriter>.Instance, ratios);
        for (var i = 0; i < 30; i++)
        {
            provider["first"].Then(ScriptedChatClient.Step.Text("Yes."), ScriptedChatClient.Step.Usage(2_000, 2), ScriptedChatClient.Step.Finish());
            await foreach (var _ in writer.WriteAsync(Answering.Ask(string.Join(' ', Enumerable.Repeat("word", 1_000))), TestContext.Current.CancellationToken))
            {
            }
        }

        Assert.InRange(ratios.Of("first"), 1.4, 2);
    }
}
