using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;

namespace Hanse.Skills.Packages;

/// <summary>The version of a skill, as Semantic Versioning 2.0.0 has it, without notes of the build: two
/// versions that count as equal could otherwise differ.</summary>
/// <param name="Major">Changes with what breaks.</param>
/// <param name="Minor">Changes with what is added.</param>
/// <param name="Patch">Changes with what is mended.</param>
/// <param name="Preview">What stands behind the hyphen; empty for a release.</param>
public sealed record SkillVersion(int Major, int Minor, int Patch, string Preview)
    : IComparable<SkillVersion>
{
    /// <summary>Characters of a version.</summary>
    public const int TextMax = 48;

    private const int NumberMax = 999_999;

    /// <summary>Reads a version; false when the text is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SkillVersion? version)
    {
        version = null;
        int hyphen = text.IndexOf('-', StringComparison.Ordinal);
        string preview = hyphen < 0 ? "" : text[(hyphen + 1)..];
        string[] numbers = (hyphen < 0 ? text : text[..hyphen]).Split('.');
        if (text.Length > TextMax || numbers.Length != 3
            || !TryNumber(numbers[0], out int major) || !TryNumber(numbers[1], out int minor)
            || !TryNumber(numbers[2], out int patch)
            || (hyphen >= 0 && !preview.Split('.').All(IsPart)))
        {
            return false;
        }

        version = new SkillVersion(major, minor, patch, preview);
        return true;
    }

    /// <summary>The order of section 11: a preview comes before its release; its parts are compared one by
    /// one, numbers as numbers and before words.</summary>
    public int CompareTo(SkillVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        int order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        if (order != 0 || Preview == other.Preview)
        {
            return order;
        }

        if (Preview.Length == 0 || other.Preview.Length == 0)
        {
            return Preview.Length == 0 ? 1 : -1;
        }

        string[] parts = Preview.Split('.');
        string[] others = other.Preview.Split('.');
        for (int i = 0; i < Math.Min(parts.Length, others.Length); i++)
        {
            order = Order(parts[i], others[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return parts.Length.CompareTo(others.Length);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}{(Preview.Length > 0 ? "-" : "")}{Preview}");

    private static int Order(string a, string b) =>
        (a.All(char.IsAsciiDigit), b.All(char.IsAsciiDigit)) switch
        {
            (true, true) => a.Length != b.Length
                ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b),
            (true, false) => -1,
            (false, true) => 1,
            _ => string.CompareOrdinal(a, b),
        };

    private static bool TryNumber(string text, out int number)
    {
        number = 0;
        return text.Length is > 0 and <= 6 && text.All(char.IsAsciiDigit)
            && (text.Length == 1 || text[0] != '0')
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number <= NumberMax;
    }

    // Small letters, digits and hyphens: versions are names of files, on disks that do not tell A from a.
    private static bool IsPart(string part) => part.Length > 0
        && part.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')
        && (part.Length == 1 || part[0] != '0' || !part.All(char.IsAsciiDigit));
}
