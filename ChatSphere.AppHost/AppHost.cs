using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);
var configuration = builder.Configuration;
var temporary = configuration["Volumes"] == "temporary";

#if PUBLISH_TARGETS
if (builder.ExecutionContext.IsPublishMode)
{
    builder.AddAzureContainerAppEnvironment("cloud");
}
#endif

var postgres = builder.AddPostgres("postgres");
var redis = builder.AddRedis("redis");
var rabbitmq = builder.AddRabbitMQ("rabbitmq").WithManagementPlugin();
var qdrant = builder.AddQdrant("qdrant");
if (!temporary)
{
    postgres.WithDataVolume();
    redis.WithDataVolume().WithPersistence();
    rabbitmq.WithDataVolume();
    qdrant.WithDataVolume();
}

var database = postgres.AddDatabase("chatsphere");
var encryptionKey = builder.AddParameter("encryption-key", new GenerateParameterDefault { MinLength = 44, Special = false }, secret: true, persist: true);
var storage = Folder("Storage:Path", "blobs");

var migrate = builder.AddProject<Projects.ChatSphere_Worker>("migrate")
    .WithArgs("migrate")
    .WithReference(database)
    .WithEnvironment("Encryption__Key", encryptionKey)
    .WithEnvironment("Storage__Path", storage)
    .WaitFor(database);

var worker = builder.AddProject<Projects.ChatSphere_Worker>("worker")
    .WithReference(database)
    .WithReference(redis)
    .WithReference(rabbitmq)
    .WithReference(qdrant)
    .WithEnvironment("Encryption__Key", encryptionKey)
    .WithEnvironment("Storage__Path", storage)
    .WithHttpEndpoint(name: "http")
    .WithHttpHealthCheck("/health")
    .WithReplicas(configuration.GetValue("Replicas:Worker", 1))
    .WaitFor(database)
    .WaitFor(redis)
    .WaitFor(rabbitmq)
    .WaitFor(qdrant)
    .WaitForCompletion(migrate);

var api = builder.AddProject<Projects.ChatSphere_Api>("api")
    .WithReference(database)
    .WithReference(redis)
    .WithReference(rabbitmq)
    .WithReference(qdrant)
    .WithEnvironment("Encryption__Key", encryptionKey)
    .WithEnvironment("Storage__Path", storage)
    .WithHttpEndpoint(port: configuration.GetValue("Ports:Api", 8081), name: "http")
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/openapi/v1.json", DisplayText = "OpenAPI" })
    .WithReplicas(configuration.GetValue("Replicas:Api", 2))
    .WaitFor(database)
    .WaitFor(redis)
    .WaitFor(rabbitmq)
    .WaitFor(qdrant)
    .WaitForCompletion(migrate);

var web = builder.AddProject<Projects.ChatSphere_Web>("web")
    .WithReference(api)
    .WithReference(redis)
    .WithEnvironment("Encryption__Key", encryptionKey)
    .WithHttpEndpoint(port: configuration.GetValue("Ports:Web", 8080), name: "http")
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WaitFor(redis)
    .WaitFor(api);

// Links in mails, passkeys and sign-ins elsewhere lead to the web pages.
foreach (var service in new[] { migrate, worker, api, web })
{
    if (configuration["Site:Origin"] is { Length: > 0 } origin)
    {
        service.WithEnvironment("Site__Origin", origin);
    }
    else
    {
        service.WithEnvironment("Site__Origin", web.GetEndpoint("http"));
    }
}

// Where programs reach the Api, for the example beside a new key. Web itself reaches it inside.
if (configuration["Site:ApiAddress"] is { Length: > 0 } apiAddress)
{
    web.WithEnvironment("Site__ApiAddress", apiAddress);
}
else
{
    web.WithEnvironment("Site__ApiAddress", api.GetEndpoint("http"));
}

worker.WithEnvironment("Mail__Folder", Folder("Mail:Folder", "mails"));
if (configuration["Setup:Token"] is { Length: > 0 } setupToken)
{
    migrate.WithEnvironment("Setup__Token", setupToken);
}

// What is configured here in a section goes on to those that read it, as it is; what is read by more than one must be the same everywhere (docs/hosting.md).
(string Section, IResourceBuilder<ProjectResource>[] Services)[] settings =
[
    ("Accounts", [api]),
    ("AI", [api, worker]),
    ("Attachments", [api, worker]),
    ("Audit", [api, worker]),
    ("Budgets", [api, worker]),
    ("ChannelAttachments", [api]),
    ("ChannelUpkeep", [worker]),
    ("Communities", [worker]),
    ("Cors", [api]),
    ("Encryption", [migrate, worker, api, web]),
    ("Imports", [worker]),
    ("Knowledge", [api, worker]),
    ("Mail", [worker]),

    // The Api needs to know whether there is a mail server, and nothing else of it.
    ("Mail:Host", [api]),
    ("Metrics", [api, worker, web]),
    ("Outbound", [api, worker]),
    ("Plans", [api, worker]),
    ("Privacy", [api, worker]),
    ("Proxies", [api, web]),
    ("RateLimits", [api]),
    ("SignIn", [api]),
    ("SignInProtection", [api]),
    ("Tokens", [api]),
    ("Tools", [api]),
    ("Turns", [api]),
    ("Uploads", [api]),
];
foreach (var (section, services) in settings)
{
    foreach (var (key, value) in configuration.GetSection(section).AsEnumerable().Where(s => !string.IsNullOrEmpty(s.Value) && s.Key.Contains(':', StringComparison.Ordinal) && s.Key != "Mail:Folder"))
    {
        foreach (var service in services)
        {
            service.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value!);
        }
    }
}

if (configuration.GetValue("MockModels", false))
{
    var models = builder.AddProject<Projects.ChatSphere_Benchmarks>("models")
        .WithArgs("mock-models")
        .WithHttpEndpoint(name: "http")
        .WithHttpHealthCheck("/health");
    var connection = ReferenceExpression.Create($"Endpoint={models.GetEndpoint("http")}/v1;Key=mock;Model=mock-ttft20-itl5-len60");
    api.WithEnvironment("ConnectionStrings__openai", connection).WaitFor(models);
    worker.WithEnvironment("ConnectionStrings__openai", connection).WaitFor(models);
}
else if (configuration.GetConnectionString("openai") is { Length: > 0 })
{
    var openai = builder.AddConnectionString("openai");
    api.WithReference(openai);
    worker.WithReference(openai);
}

builder.Build().Run();

// Files belong to the database beside them, so the folder follows the volumes: kept per AppHost, or gone with the run.
string Folder(string key, string name)
{
    if (configuration[key] is { Length: > 0 } chosen)
    {
        return chosen;
    }

    if (builder.ExecutionContext.IsPublishMode)
    {
        // In a container; where it leads to a volume, shared by Api and Worker for the blobs, is the deployment's to say.
        return $"/var/lib/chatsphere/{name}";
    }

    if (temporary)
    {
        return builder.FileSystemService.TempDirectory.CreateTempSubdirectory(name).Path;
    }

    var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
    var clone = configuration["AppHost:PathSha256"] is { Length: >= 10 } hash ? hash[..10] : "default";
    return Path.Combine(home is { Length: > 0 } ? home : Path.GetTempPath(), "ChatSphere", $"{name}-{clone}");
}
