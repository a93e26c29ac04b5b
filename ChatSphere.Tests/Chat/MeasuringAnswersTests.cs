using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Testing;

namespace ChatSphere.Tests.Chat;

public sealed class MeasuringAnswersTests
{
    [Fact]
    public async Task Tokens_durations_switches_and_circuits_are_measured_by_model()
    {
        var model = $"m-{Guid.NewGuid():N}";
        var measured = new ConcurrentQueue<(string Instrument, double Value, string Tags)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == AiTelemetry.Name)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.Start();
        var app = new Answering(o => o.DefaultModel = model);
        app.Provider[model].ThenSay("Well."); // 10 tokens in, 1 out
        for (var i = 0; i < 5; i++)
        {
            app.Provider[model].ThenFail(new ProviderException("scripted", 503));
        }

        for (var i = 0; i < 3; i++)
        {
            await app.WriteAsync(Answering.Ask("?"));
        }

        listener.RecordObservableInstruments();

        Assert.Equal([10, 1], Of("gen_ai.client.token.usage"));
        Assert.Equal(6, Of("gen_ai.client.operation.duration").Count);
        Assert.Single(Of("gen_ai.client.operation.time_to_first_chunk"));
        Assert.Equal(2, Of("chatsphere.ai.switches").Count);
        Assert.Equal([2], Of("chatsphere.ai.circuit.state"));

        List<double> Of(string instrument) => [.. measured.Where(m => m.Instrument == instrument).Select(m => m.Value)];

        void Keep<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
            where T : struct, IConvertible
        {
            var all = string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"));
            if (all.Contains(model, StringComparison.Ordinal))
            {
                measured.Enqueue((instrument.Name, value.ToDouble(null), all));
            }
        }
    }

    [Fact]
    public async Task Five_hundred_answers_all_complete_while_a_third_of_the_calls_fail()
    {
        var app = new Answering();
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            switch (random.Next(6))
            {
                case 0:
                    app.First.ThenFail(new ProviderException("scripted", 503));
                    break;
                case 1:
                    app.First.Then(ScriptedChatClient.Step.Text("All is "), ScriptedChatClient.Step.Throw(new IOException("cut")));
                    break;
                default:
                    app.First.ThenSay("All is ", "well.");
                    break;
            }

            app.Second.Then(call => Finish(call));
        }

        await Parallel.ForAsync(0, 500, TestContext.Current.CancellationToken, async (_, _) =>
        {
            var events = await app.WriteAsync(Answering.Ask("Is all well?"));
            Assert.Equal("All is well.", events.Text());
            Assert.IsType<AnswerFinished>(events[^1]);
        });

        static async IAsyncEnumerable<Microsoft.Extensions.AI.ChatResponseUpdate> Finish(ScriptedCall call)
        {
            await Task.Yield();
            var continues = call.Messages[^2].Role == Microsoft.Extensions.AI.ChatRole.Assistant;
            yield return new(Microsoft.Extensions.AI.ChatRole.Assistant, continues ? "well." : "All is well.") { FinishReason = Microsoft.Extensions.AI.ChatFinishReason.Stop };
        }
    }
}
