namespace ChatSphere.Web.Hosting;

public static class StartupChecks
{
    /// <summary>What must be set is asked for now, not when the first person signs in.</summary>
    public static void Run(WebApplication app)
    {
        var box = app.Services.GetRequiredService<SecretBox>();
        if (app.Services.GetRequiredService<RedisConnection>().IsConfigured && !box.IsConfigured)
        {
            throw new InvalidOperationException(
                "Encryption:Key is not set. ConnectionStrings:redis is, and sessions are only kept there sealed: "
                + "set Encryption:Key to at least 32 random bytes, for example the output of `openssl rand -base64 32`, the same on every Web node.");
        }
    }
}
