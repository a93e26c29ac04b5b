using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts;

/// <summary>Writes an enum as snake_case text and refuses numbers, so that wire values survive reordering.</summary>
public sealed class SnakeCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
