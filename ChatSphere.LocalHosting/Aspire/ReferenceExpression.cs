using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

public class ReferenceExpression : IExpressionValue
{
    public static readonly ReferenceExpression Empty = new([]);

    // A segment is literal text (string) or something that knows its value once the application runs (IValueProvider).
    private readonly object[] _segments;

    internal ReferenceExpression(object[] segments) => _segments = segments;

    public IReadOnlyList<IValueProvider> ValueProviders => [.. _segments.OfType<IValueProvider>()];

    public string ValueExpression =>
        string.Concat(_segments.Select(s => s is IManifestExpressionProvider expression ? expression.ValueExpression : s.ToString()));

    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Build();

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
    {
        if (_segments is [IValueProvider only])
        {
            return await only.GetValueAsync(cancellationToken);
        }

        var text = new StringBuilder();
        foreach (var segment in _segments)
        {
            text.Append(segment is IValueProvider provider ? await provider.GetValueAsync(cancellationToken) : (string)segment);
        }

        return text.ToString();
    }

    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler
    {
        private readonly List<object> _segments;

        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount) => _segments = new(formattedCount * 2 + 1);

        public readonly void AppendLiteral(string value) => _segments.Add(value);

        public readonly void AppendFormatted(string? value)
        {
            if (value is not null)
            {
                _segments.Add(value);
            }
        }

        public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider => _segments.Add(valueProvider);

        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider) where T : IResource, IValueProvider, IManifestExpressionProvider =>
            _segments.Add(valueProvider.Resource);

        internal readonly ReferenceExpression Build() => new([.. _segments]);
    }
}
