namespace ChatSphere.Web.Components.Pages.Communities;

/// <summary>
/// A role's colour as one of twelve that can be read on light and on dark: pages here have no inline styles, and a colour that somebody chose on white may be lost on black.
/// </summary>
internal static class RoleColour
{
    private const int Hues = 12;

    /// <param name="color">0xRRGGBB.</param>
    public static string Class(int? color)
    {
        if (color is not { } rgb)
        {
            return "";
        }

        double red = (rgb >> 16) & 0xFF, green = (rgb >> 8) & 0xFF, blue = rgb & 0xFF;
        var (high, low) = (Math.Max(red, Math.Max(green, blue)), Math.Min(red, Math.Min(green, blue)));
        if (high - low < 24)
        {
            return "community-role-grey";
        }

        var hue = high == red ? ((green - blue) / (high - low)) + 6 : high == green ? ((blue - red) / (high - low)) + 2 : ((red - green) / (high - low)) + 4;
        return $"community-role-{(int)Math.Round(hue * Hues / 6) % Hues}";
    }
}
