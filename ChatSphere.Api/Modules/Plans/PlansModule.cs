using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Plans;

internal static class PlansModule
{
    public static IEndpointRouteBuilder MapPlans(this IEndpointRouteBuilder v1)
    {
        var plans = v1.MapGroup("/plans").WithTags("Plans");
        plans.MapGet("", ListPlans.HandleAsync).Requires(Permissions.AccountRead).WithName("ListPlans").WithSummary("The plans that one can have; all of them for who manages them");
        plans.MapPost("", CreatePlan.HandleAsync).Requires(Permissions.PlansManage).WithName("CreatePlan").WithSummary("Make a plan").ProducesProblem(409);
        plans.MapPatch("/{planId:guid}", UpdatePlan.HandleAsync).Requires(Permissions.PlansManage).WithName("UpdatePlan").WithSummary("Change what is given").ProducesProblem(404).ProducesProblem(409);
        plans.MapDelete("/{planId:guid}", ArchivePlan.HandleAsync).Requires(Permissions.PlansManage).WithName("ArchivePlan").WithSummary("Give it to nobody any more; who has it keeps it").ProducesProblem(404).ProducesProblem(409);
        v1.MapPut("/users/{accountId:guid}/subscription", AssignPlan.HandleAsync).WithTags("Plans").Requires(Permissions.PlansManage).WithName("AssignPlan").WithSummary("Say which plan somebody has").ProducesProblem(404);
        v1.MapGet("/subscriptions", FindSubscriber.HandleAsync).WithTags("Plans").Requires(Permissions.PlansManage).WithName("FindSubscriber").WithSummary("Somebody's plan, by e-mail").ProducesProblem(404);

        var mine = v1.MapGroup("/accounts/me").WithTags("Plans");
        mine.MapGet("/usage", GetUsage.HandleAsync).Requires(Permissions.AccountRead).WithName("GetUsage").WithSummary("What I use, and the limits");
        mine.MapGet("/subscription", GetSubscription.HandleAsync).Requires(Permissions.AccountRead).WithName("GetSubscription").WithSummary("My plan");
        mine.MapPost("/subscription", ChangeSubscription.HandleAsync).Requires(Permissions.AccountManage).WithName("ChangeSubscription").WithSummary("Take another plan: at once, or when the period that is paid ends").ProducesProblem(409);
        mine.MapDelete("/subscription/pending", KeepSubscription.HandleAsync).Requires(Permissions.AccountManage).WithName("KeepSubscription").WithSummary("Take back a change that has not happened yet").ProducesProblem(404);
        mine.MapGet("/subscription/seats", ListSeats.HandleAsync).Requires(Permissions.AccountRead).WithName("ListSeats").WithSummary("Who uses my plan");
        mine.MapPut("/subscription/seats/{accountId:guid}", GiveSeat.HandleAsync).Requires(Permissions.AccountManage).WithName("GiveSeat").WithSummary("Let somebody use my plan").ProducesProblem(402).ProducesProblem(404).ProducesProblem(409);
        mine.MapDelete("/subscription/seats/{accountId:guid}", TakeSeat.HandleAsync).Requires(Permissions.AccountManage).WithName("TakeSeat").WithSummary("Let somebody use my plan no longer").ProducesProblem(404);
        mine.MapDelete("/seat", LeaveSeat.HandleAsync).Requires(Permissions.AccountManage).WithName("LeaveSeat").WithSummary("Use somebody's plan no longer").ProducesProblem(404);

        v1.MapPost("/webhooks/payments", ReceivePayment.HandleAsync).WithTags("Plans").AllowAnonymous().WithMetadata(RateLimitClass.Webhooks, new RequestSizeLimitAttribute(ReceivePayment.MaxBytes))
            .WithName("ReceivePayment").WithSummary("A message of the payment provider, signed as Standard Webhooks say").Produces(204).ProducesProblem(401).ProducesProblem(413).ProducesProblem(422);
        return v1;
    }

    public static PlanResponse ToResponse(this Plan plan) => new(
        plan.Id, plan.Key, plan.Name, plan.Description, plan.HasPrice ? new PlanPrice(plan.PriceAmount!.Value, plan.PriceCurrency!) : null, plan.Features,
        new PlanLimits(plan.Bots, plan.Documents, plan.StorageBytes, plan.MessagesPerDay, plan.Models, plan.Seats, plan.ApiKeys) { OwnKeys = plan.OwnKeys }, plan.IsDefault, plan.IsOffered, plan.ArchivedAt is not null);
}
