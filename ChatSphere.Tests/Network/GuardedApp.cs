using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Network;

/// <summary>A system of its own with a low ceiling for each address and key, whose address rules no other test meets.</summary>
public sealed class GuardedApp : ChatSphereApp
{
    public const string Origin = "https://app.example.com";

    protected override IEnumerable<(string Resource, string Variable, string Value)> Settings => base.Settings.Concat(
        [("api", "RateLimits__Address", "30"), ("api", "RateLimits__ApiKey", "20"), ("api", "Cors__Origins__0", Origin), ("api", "Cors__Origins__1", "http://localhost:5173")]);
}
