using Aspire.Hosting;

namespace ChatSphere.Tests.Hosting;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void Everything_public_carries_one_of_Aspires_namespaces() =>
        Assert.All(typeof(DistributedApplication).Assembly.GetExportedTypes(), type =>
            Assert.Contains(type.Namespace, (string[])["Aspire.Hosting", "Aspire.Hosting.ApplicationModel", "Aspire.Hosting.Testing"]));
}
