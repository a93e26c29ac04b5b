using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using ChatSphere.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.ServiceDefaults.Prometheus;

/// <summary>
/// Keeps the current value of every instrument of the meters we listen to, for <c>/metrics</c>. Independent of OpenTelemetry's pipeline, whose
/// Prometheus exporter is in no feed we may rely on, so that a scrape works with and without a collector.
/// </summary>
internal sealed class InstrumentCollector : IDisposable
{
    private readonly Lock scraping = new();
    private readonly ConcurrentDictionary<(string Meter, string Name, string? Unit, PrometheusType Type), Metric> metrics = new();
    private readonly MeterListener listener = new();
    private readonly IMeterFactory? factory;

    public InstrumentCollector(IMeterFactory? factory = null)
    {
        this.factory = factory;
        listener.InstrumentPublished = Publish;
        listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((Metric)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((Metric)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((Metric)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((Metric)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((Metric)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((Metric)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((Metric)state!).Record((double)value, tags));
    }

    public void Start() => listener.Start();

    /// <summary>All metrics with the observable ones freshly observed.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The other instruments still have values when one callback throws.")]
    public IReadOnlyList<MetricSnapshot> Collect()
    {
        lock (scraping)
        {
            foreach (var metric in metrics.Values)
            {
                metric.ForgetObservations();
            }

            try
            {
                listener.RecordObservableInstruments();
            }
            catch (Exception)
            {
                // The listener runs all callbacks, then throws what any of them threw.
            }

            return [.. metrics.Values.Select(metric => metric.Snapshot())];
        }
    }

    public void Dispose() => listener.Dispose();

    private void Publish(Instrument instrument, MeterListener published)
    {
        // A listener hears the whole process. Another host in it (tests start many) has meters of the same names, told apart by their factory.
        var foreign = instrument.Meter.Scope is IMeterFactory scope && factory is not null && !ReferenceEquals(scope, factory);
        if (foreign || !TelemetryNames.IsOurMeter(instrument.Meter.Name) || Metric.TypeOf(instrument) is not { } type)
        {
            return;
        }

        var metric = metrics.GetOrAdd(
            (instrument.Meter.Name, instrument.Name, instrument.Unit, type), static (key, instrument) => new Metric(instrument, key.Type), instrument);
        published.EnableMeasurementEvents(instrument, metric);
    }
}

/// <summary>Listens from before the first hosted service starts.</summary>
internal sealed class InstrumentCollectorStart(InstrumentCollector collector) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        collector.Start();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
