if (args is ["migrate"])
{
    return 0;
}

var builder = WebApplication.CreateBuilder(args);
var app = builder.Build();
app.MapGet("/health", () => "Healthy");
app.MapGet("/alive", () => "Healthy");
app.Run();
return 0;
