using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChatSphere.LocalHosting.Running;

/// <summary>States beside Aspire's: a state is a text, and these two have no counterpart there.</summary>
internal static class LocalStates
{
    /// <summary>Nothing to run here, and nothing waits for it.</summary>
    public const string Skipped = "Skipped";

    /// <summary>Crashed, and about to be started again.</summary>
    public const string Restarting = "Restarting";

    public static bool IsReady(CustomResourceSnapshot snapshot) => snapshot.State?.Text == Skipped || snapshot.HealthStatus == HealthStatus.Healthy;

    public static bool IsStarted(CustomResourceSnapshot snapshot) => snapshot.State?.Text is { } state && (state == Skipped || state == KnownResourceStates.Running);

    public static bool IsTerminal(CustomResourceSnapshot snapshot) => snapshot.State?.Text is { } state && KnownResourceStates.TerminalStates.Contains(state);

    public static string TypeOf(IResource resource) => resource switch
    {
        ProjectResource => "Project",
        ExecutableResource => "Executable",
        ContainerResource => "Container",
        ParameterResource => "Parameter",
        _ => resource.GetType().Name,
    };
}
