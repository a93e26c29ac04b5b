using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Resources;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.ApplicationModel
{
    public abstract class ParameterDefault
    {
        public abstract string GetDefaultValue();
    }

    public sealed class GenerateParameterDefault : ParameterDefault
    {
        // Characters that look alike, or that connection strings and URIs would need escaped, are left out.
        private const string LowerCharacters = "abcdefghjkmnpqrstuvwxyz";
        private const string UpperCharacters = "ABCDEFGHJKMNPQRSTUVWXYZ";
        private const string NumericCharacters = "0123456789";
        private const string SpecialCharacters = "-_.{}~()*+!";

        public int MinLength { get; set; }
        public bool Lower { get; set; } = true;
        public bool Upper { get; set; } = true;
        public bool Numeric { get; set; } = true;
        public bool Special { get; set; } = true;
        public int MinLower { get; set; }
        public int MinUpper { get; set; }
        public int MinNumeric { get; set; }
        public int MinSpecial { get; set; }

        public override string GetDefaultValue()
        {
            var alphabet = string.Concat(Lower ? LowerCharacters : "", Upper ? UpperCharacters : "", Numeric ? NumericCharacters : "", Special ? SpecialCharacters : "");
            if (alphabet.Length == 0)
            {
                throw new InvalidOperationException("A generated parameter needs at least one kind of character.");
            }

            var required = RandomNumberGenerator.GetString(LowerCharacters, MinLower) + RandomNumberGenerator.GetString(UpperCharacters, MinUpper)
                + RandomNumberGenerator.GetString(NumericCharacters, MinNumeric) + RandomNumberGenerator.GetString(SpecialCharacters, MinSpecial);
            var value = (required + RandomNumberGenerator.GetString(alphabet, Math.Max(0, MinLength - required.Length))).ToCharArray();
            RandomNumberGenerator.Shuffle(value.AsSpan());
            return new string(value);
        }
    }

    public class ParameterResource : Resource, IExpressionValue
    {
        private readonly Lazy<string> _value;

        public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
            : base(name)
        {
            ArgumentNullException.ThrowIfNull(callback);
            Secret = secret;
            _value = new(() => callback(Default));
        }

        public bool Secret { get; }
        public ParameterDefault? Default { get; set; }
        public string ValueExpression => $"{{{Name}.value}}";

        public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value.Value);
    }
}

namespace Aspire.Hosting
{
    public static class ParameterResourceBuilderExtensions
    {
        public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
            builder.AddResource(new ParameterResource(name, _ => Configured(builder, $"Parameters:{name}") ?? throw Missing($"Parameters:{name}", name), secret));

        public static IResourceBuilder<ParameterResource> AddParameter(
            this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
            builder.AddResource(new ParameterResource(name, _ => Configured(builder, $"Parameters:{name}") ?? value, secret));

        public static IResourceBuilder<ParameterResource> AddParameter(
            this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
            builder.AddResource(WithDefault(builder, name, value, secret, persist));

        public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
            this IDistributedApplicationBuilder builder, string name, string configurationKey, bool secret = false) =>
            builder.AddResource(new ParameterResource(name, _ => Configured(builder, configurationKey) ?? throw Missing(configurationKey, name), secret));

        public static ParameterResource CreateDefaultPasswordParameter(
            IDistributedApplicationBuilder builder, string name, bool lower = true, bool upper = true, bool numeric = true, bool special = true,
            int minLower = 0, int minUpper = 0, int minNumeric = 0, int minSpecial = 0) =>
            WithDefault(
                builder,
                name,
                new GenerateParameterDefault
                {
                    MinLength = 22, Lower = lower, Upper = upper, Numeric = numeric, Special = special,
                    MinLower = minLower, MinUpper = minUpper, MinNumeric = minNumeric, MinSpecial = minSpecial,
                },
                secret: true,
                persist: true);

        public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
            this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
            builder.AddResource(new ConfiguredConnectionString(
                name, environmentVariableName, () => builder.Configuration.GetConnectionString(name) ?? throw Missing($"ConnectionStrings:{name}", name)));

        private static ParameterResource WithDefault(IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret, bool persist) =>
            new(name, ask => Configured(builder, $"Parameters:{name}") ?? LocalBuilder.Of(builder).Secrets.GetOrCreate($"Parameters:{name}", () => ask!.GetDefaultValue(), persist), secret)
            {
                Default = value,
            };

        private static string? Configured(IDistributedApplicationBuilder builder, string key) =>
            builder.Configuration[key] ?? builder.Configuration[key.Replace('-', '_')];

        private static DistributedApplicationException Missing(string key, string name) =>
            new($"'{name}' has no value. Set the configuration key {key}, for example with the environment variable {key.Replace(":", "__", StringComparison.Ordinal)}.");
    }
}
