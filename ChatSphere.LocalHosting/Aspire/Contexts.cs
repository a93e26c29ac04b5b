using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel
{
    public class EnvironmentCallbackContext
    {
        internal EnvironmentCallbackContext(DistributedApplicationExecutionContext executionContext, IResource resource, Dictionary<string, object> environmentVariables, CancellationToken cancellationToken)
        {
            ExecutionContext = executionContext;
            Resource = resource;
            EnvironmentVariables = environmentVariables;
            CancellationToken = cancellationToken;
        }

        public Dictionary<string, object> EnvironmentVariables { get; }
        public DistributedApplicationExecutionContext ExecutionContext { get; }
        public IResource Resource { get; }
        public CancellationToken CancellationToken { get; }
    }

    public sealed class CommandLineArgsCallbackContext
    {
        internal CommandLineArgsCallbackContext(IList<object> args, IResource resource, CancellationToken cancellationToken)
        {
            Args = args;
            Resource = resource;
            CancellationToken = cancellationToken;
        }

        public IList<object> Args { get; }
        public IResource Resource { get; }
        public CancellationToken CancellationToken { get; }
    }

    public sealed class ResourceUrlAnnotation : IResourceAnnotation
    {
        public required string Url { get; set; }
        public string? DisplayText { get; set; }
        public EndpointReference? Endpoint { get; init; }
    }
}

namespace Aspire.Hosting
{
    public enum DistributedApplicationOperation
    {
        Run,
        Publish,
    }

    public class DistributedApplicationExecutionContext
    {
        public DistributedApplicationExecutionContext(DistributedApplicationOperation operation) => Operation = operation;

        public DistributedApplicationOperation Operation { get; }
        public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
        public bool IsRunMode => Operation == DistributedApplicationOperation.Run;
    }

    public class DistributedApplicationException : Exception
    {
        public DistributedApplicationException()
        {
        }

        public DistributedApplicationException(string message)
            : base(message)
        {
        }

        public DistributedApplicationException(string message, Exception inner)
            : base(message, inner)
        {
        }
    }

    public sealed class DistributedApplicationOptions
    {
        public string[]? Args { get; set; }
        public string? AssemblyName { get; set; }
        public string? ProjectDirectory { get; set; }
        public bool DisableDashboard { get; set; }
        public bool EnableResourceLogging { get; set; }
        public bool AllowUnsecuredTransport { get; set; }
    }

    public class ProjectResourceOptions
    {
        public string? LaunchProfileName { get; set; }
        public bool ExcludeLaunchProfile { get; set; }
        public bool ExcludeKestrelEndpoints { get; set; }
    }

    [Experimental("ASPIREFILESYSTEM001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public interface IFileSystemService
    {
        ITempFileSystemService TempDirectory { get; }
    }

    [Experimental("ASPIREFILESYSTEM001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public interface ITempFileSystemService
    {
        TempDirectory CreateTempSubdirectory(string? prefix = null);
    }

    [Experimental("ASPIREFILESYSTEM001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    [SuppressMessage("Design", "CA1063:Implement IDisposable correctly", Justification = "Aspire's shape.")]
    [SuppressMessage("Usage", "CA1816:Dispose methods should call SuppressFinalize", Justification = "Aspire's shape.")]
    public abstract class TempDirectory : IDisposable
    {
        public abstract string Path { get; }

        public abstract void Dispose();
    }
}
