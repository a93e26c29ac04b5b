using ChatSphere.AI.Chat;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ChatSphere.Tests.Chat;

public sealed class ChoosingModelsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_any_provider_there_is_the_extractive_model()
    {
        var app = new Answering(o => o.Fallback = [], connected: false);

        Assert.Equal("extractive", app.Catalogue.DefaultModel);
        Assert.Equal([new ModelEntry("extractive", "extractive", IsDefault: true)], await app.Catalogue.ListAsync(Token));
        Assert.True(await app.Catalogue.KnowsAsync("extractive", Token));
        Assert.False(await app.Catalogue.KnowsAsync("gpt-99", Token));
        Assert.Equal(["extractive"], app.Catalogue.ChainFor(null));
    }

    [Theory]
    [InlineData(null, "first,second,extractive")]
    [InlineData("", "first,second,extractive")]
    [InlineData("special", "special,second,extractive")]
    [InlineData("second", "second,extractive")]
    [InlineData("extractive", "extractive")]
    public void The_bots_model_comes_first_then_the_fallbacks_each_once(string? model, string chain) =>
        Assert.Equal(chain, string.Join(',', new Answering().Catalogue.ChainFor(model)));

    [Fact]
    public void The_last_resort_can_be_forbidden() =>
        Assert.Equal(["first", "second"], new Answering(o => o.FallbackToExtractive = false).Catalogue.ChainFor(null));

    [Fact]
    public void The_configured_default_wins_over_the_providers() =>
        Assert.Equal("chosen", new Answering(o => o.DefaultModel = "chosen").Catalogue.DefaultModel);

    [Fact]
    public async Task The_list_is_fetched_when_asked_for_and_kept_five_minutes()
    {
        var app = new Answering(instantly: TimeSpan.Zero);
        app.Provider.Models = ["first", "b"];
        Assert.Equal(0, app.Provider.Listed);

        await app.Catalogue.ListAsync(Token);
        app.Time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.True(await app.Catalogue.KnowsAsync("b", Token));
        Assert.Equal(1, app.Provider.Listed);

        app.Time.Advance(TimeSpan.FromMinutes(0.2));
        app.Provider.Models = ["first"];
        Assert.False(await app.Catalogue.KnowsAsync("b", Token));
        Assert.Equal(2, app.Provider.Listed);
    }

    [Fact]
    public async Task A_list_that_cannot_be_fetched_makes_no_model_unknown()
    {
        var app = new Answering();
        app.Provider.Models = null;

        Assert.True(await app.Catalogue.KnowsAsync("anything", Token));
        Assert.Equal(["first", "second", "extractive"], (await app.Catalogue.ListAsync(Token)).Select(m => m.Id));
        Assert.Equal(1, app.Provider.Listed);
    }

    [Theory]
    [InlineData("AI:FirstTokenTimeout", "60", "AI:FirstTokenTimeout")]
    [InlineData("AI:StallTimeout", "00:00:00", "AI:StallTimeout")]
    [InlineData("AI:ContextTokens", "10", "AI:ContextTokens")]
    [InlineData("AI:MaxOutputTokens", "0", "AI:MaxOutputTokens")]
    [InlineData("AI:DefaultModel", " ", "AI:DefaultModel")]
    public async Task A_setting_that_makes_no_sense_stops_the_start_and_is_named(string key, string value, string named)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection([new(key, value)]);
        builder.AddAnswering();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }
}
