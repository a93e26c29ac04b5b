using ChatSphere.Data.Plans;

namespace ChatSphere.Worker.Modules.Plans;

public static class PlansModule
{
    public static IHostApplicationBuilder AddPlans(this IHostApplicationBuilder builder)
    {
        builder.AddUsageGate();
        builder.Services.AddHostedService<ApplyDueSubscriptions>();
        return builder;
    }
}
