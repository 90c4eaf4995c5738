using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using Hanse.Core.Time;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Commands;

/// <summary>What commands on keys, packages and repositories have in common.</summary>
internal static class TrustConsole
{
    /// <summary>Their exit codes.</summary>
    public const string CodesGuide =
        "Exit codes: 0 fine; 1 the skill is not trusted, or would not be admitted; 2 the command line or a "
            + "file is wrong, nothing was done; 3 a file is not there or cannot be written.";

    private const double DaysMax = 100_000;

    /// <summary>The option that names an instant.</summary>
    public static Option<string?> AtOption(bool hasEpoch) => new("--at")
    {
        Description = hasEpoch
            ? "The instant at which nothing may have expired: mission time in days (400d), or a date "
                + "(2041-03-01T00:00:00Z). Now, unless given."
            : "The date of signing (2041-03-01T00:00:00Z). Now, unless given.",
        HelpName = "TIME",
    };

    /// <summary>Reads a date in seconds since 1970; now when there is none.</summary>
    /// <returns>Null when it is none, which has been said.</returns>
    public static long? Date(string? text, TimeProvider time, TextWriter error)
    {
        long? date = text is null ? time.GetUtcNow().ToUnixTimeSeconds() : MissionEpoch.Parse(text);
        if (date is null)
        {
            error.WriteLine($"hanse: {text} is no date; one is 2041-03-01T00:00:00Z");
        }

        return date;
    }

    /// <summary>Reads an instant of mission time.</summary>
    /// <returns>Null when it is none, which has been said.</returns>
    public static Instant? Mission(string? text, MissionEpoch epoch, TimeProvider time, TextWriter error)
    {
        if (text is not null && text.EndsWith('d'))
        {
            if (double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double days)
                && days is >= 0 and <= DaysMax)
            {
                return Instant.Epoch + TimeSpan.FromDays(days);
            }

            error.WriteLine($"hanse: {text} is no mission time; one is 400d");
            return null;
        }

        if (Date(text, time, error) is not { } date)
        {
            return null;
        }

        long seconds = date - epoch.UnixSeconds;
        if (seconds < 0)
        {
            error.WriteLine($"hanse: {MissionEpoch.Text(date)} is before the mission begins, "
                + $"{MissionEpoch.Text(epoch.UnixSeconds)}; give a time with --at");
            return null;
        }

        return Instant.Epoch + TimeSpan.FromSeconds(seconds);
    }

    /// <summary>Reads what a client trusts.</summary>
    /// <returns>Null when it is refused, which has been said.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TrustState? State(string path, TextWriter error)
    {
        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[TrustState.BytesMax + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var state = TrustState.Read(bytes.AsSpan(0, length), out string? refusal);
        if (state is null)
        {
            error.WriteLine($"hanse: {path} is no state of trust: {refusal}; 'hanse skill trust' makes one");
        }

        return state;
    }

    /// <summary>Tells what became of a change.</summary>
    public static int Tell(RepositoryNews news, string repository, InvocationConfiguration console)
    {
        foreach (string name in news.Published)
        {
            console.Output.WriteLine($"published  {name}");
        }

        foreach (string sentence in news.Waiting)
        {
            console.Output.WriteLine($"waits      {sentence}");
        }

        if (news.Refusal is not null)
        {
            console.Error.WriteLine($"hanse: {repository}: {news.Refusal}");
            return ExitCode.Refused;
        }

        if (news.Waiting.Count > 0)
        {
            console.Output.WriteLine("           each holder of a key signs with 'hanse skill repo sign "
                + $"{repository} --key FILE'");
        }

        return ExitCode.Fine;
    }
}
