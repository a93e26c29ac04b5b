using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel
{
    public interface IResource
    {
        string Name { get; }
        ResourceAnnotationCollection Annotations { get; }
    }

    public interface IResourceAnnotation;

    public sealed class ResourceAnnotationCollection : System.Collections.ObjectModel.Collection<IResourceAnnotation>;

    public enum ResourceAnnotationMutationBehavior
    {
        Append,
        Replace,
    }

    public interface IResourceBuilder<out T> where T : IResource
    {
        IDistributedApplicationBuilder ApplicationBuilder { get; }
        T Resource { get; }
        IResourceBuilder<T> WithAnnotation<TAnnotation>(ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
            where TAnnotation : IResourceAnnotation, new();
        IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
            where TAnnotation : IResourceAnnotation;
    }

    public interface IResourceCollection : IList<IResource>
    {
        bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource);
    }

    public interface IResourceWithEnvironment : IResource;

    public interface IResourceWithArgs : IResource;

    public interface IResourceWithEndpoints : IResource;

    public interface IResourceWithWaitSupport : IResource;

    public interface IResourceWithParent : IResource
    {
        IResource Parent { get; }
    }

    public interface IResourceWithParent<out T> : IResourceWithParent where T : IResource
    {
        new T Parent { get; }
        IResource IResourceWithParent.Parent => Parent;
    }

    public interface IValueProvider
    {
        ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
    }

    public interface IManifestExpressionProvider
    {
        string ValueExpression { get; }
    }

    public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

    public interface IResourceWithConnectionString : IResource, IExpressionValue
    {
        ReferenceExpression ConnectionStringExpression { get; }
        string? ConnectionStringEnvironmentVariable => null;
        ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => ConnectionStringExpression.GetValueAsync(cancellationToken);
        IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];
        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";
        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);
    }

    public abstract class Resource : IResource
    {
        protected Resource(string name)
        {
            ChatSphere.LocalHosting.Resources.ResourceName.Validate(name);
            Name = name;
        }

        public virtual string Name { get; }
        public virtual ResourceAnnotationCollection Annotations { get; } = [];
    }
}

namespace Aspire.Hosting
{
    public interface IResourceWithServiceDiscovery : ApplicationModel.IResourceWithEndpoints;

    public interface IProjectMetadata : ApplicationModel.IResourceAnnotation
    {
        string ProjectPath { get; }
        bool SuppressBuild => false;
    }
}

namespace ChatSphere.LocalHosting.Resources
{
    internal sealed class ResourceCollection : Aspire.Hosting.ApplicationModel.IResourceCollection
    {
        private readonly List<Aspire.Hosting.ApplicationModel.IResource> _resources = [];

        public int Count => _resources.Count;
        public bool IsReadOnly => false;

        public Aspire.Hosting.ApplicationModel.IResource this[int index]
        {
            get => _resources[index];
            set => _resources[index] = value;
        }

        public bool TryGetByName(string name, [NotNullWhen(true)] out Aspire.Hosting.ApplicationModel.IResource? resource) =>
            (resource = _resources.Find(r => string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase))) is not null;

        public void Add(Aspire.Hosting.ApplicationModel.IResource item) => _resources.Add(item);
        public void Clear() => _resources.Clear();
        public bool Contains(Aspire.Hosting.ApplicationModel.IResource item) => _resources.Contains(item);
        public void CopyTo(Aspire.Hosting.ApplicationModel.IResource[] array, int arrayIndex) => _resources.CopyTo(array, arrayIndex);
        public IEnumerator<Aspire.Hosting.ApplicationModel.IResource> GetEnumerator() => _resources.GetEnumerator();
        public int IndexOf(Aspire.Hosting.ApplicationModel.IResource item) => _resources.IndexOf(item);
        public void Insert(int index, Aspire.Hosting.ApplicationModel.IResource item) => _resources.Insert(index, item);
        public bool Remove(Aspire.Hosting.ApplicationModel.IResource item) => _resources.Remove(item);
        public void RemoveAt(int index) => _resources.RemoveAt(index);
        IEnumerator IEnumerable.GetEnumerator() => _resources.GetEnumerator();
    }

    /// <summary>Aspire's rule for names, held here too so that a model that runs locally also deploys.</summary>
    internal static class ResourceName
    {
        public static void Validate(string name)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            if (name.Length > 64 || !char.IsAsciiLetter(name[0]) || name[^1] == '-' || name.Contains("--", StringComparison.Ordinal)
                || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            {
                throw new ArgumentException(
                    $"Resource name '{name}' is invalid: 1 to 64 ASCII letters, digits and hyphens, starting with a letter, no '--', no hyphen at the end.", nameof(name));
            }
        }
    }
}
