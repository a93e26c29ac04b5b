using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Http;
using ChatSphere.Api.Modules.Accounts;
using ChatSphere.Api.Modules.Bots;
using ChatSphere.Api.Modules.Conversations;
using ChatSphere.Api.Modules.Knowledge;
using ChatSphere.Api.Modules.Live;
using ChatSphere.Data;
using ChatSphere.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddChatSphereData();
builder.AddBlobStore();
builder.AddSecretBox();
builder.AddLiveMessaging();
builder.AddKnowledge();
builder.AddAnswering();
builder.AddHttpConventions();
builder.AddAccounts();
builder.AddKnowledgeEndpoints();
builder.AddConversations();
builder.AddLive();

var app = builder.Build();
await DatabaseSchema.EnsureCurrentAsync(app.Services, app.Lifetime.ApplicationStopping);

app.UseHttpConventions();
app.MapDefaultEndpoints();
app.MapOpenApi().AllowAnonymous();
app.MapTokenKeys();
var v1 = app.MapGroup("/v1").RequireAuthorization().ProducesValidationProblem().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status429TooManyRequests);
v1.MapAccounts();
v1.MapBots();
v1.MapKnowledge();
v1.MapConversations();
app.MapLive();
app.Run();
