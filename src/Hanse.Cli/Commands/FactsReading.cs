using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using Hanse.Cli.Facts;
using Hanse.IO.Facts;

namespace Hanse.Cli.Commands;

/// <summary>What commands on files of facts have in common.</summary>
internal static class FactsReading
{
    /// <summary>The file.</summary>
    public static Argument<string> FileArgument() => new("FILE")
    {
        Description = "A file of facts, as 'hanse sim run SCENARIO --facts FILE' writes it.",
    };

    /// <summary>The number of something, from 1.</summary>
    public static ulong? Number(ArgumentResult found)
    {
        string word = found.Tokens[0].Value;
        if (ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            && number is > 0 and <= long.MaxValue)
        {
            return number;
        }

        found.AddError($"'{word}' is not a number that anything has; allowed: 1 to {long.MaxValue}");
        return null;
    }

    /// <summary>Opens a file, hands over its reader, and says at the end if the file is damaged.</summary>
    /// <param name="surroundings">For Ctrl-C.</param>
    /// <param name="path">The file.</param>
    /// <param name="error">Where to explain.</param>
    /// <param name="work">Reads to the end, or as far as it needs; gives the exit code of a whole
    /// file.</param>
    public static int WithFacts(
        Surroundings surroundings, string path, TextWriter error, Func<FactsReader, int> work)
    {
        try
        {
            using Stream stream = FactsFile.Open(path);
            var reader = new FactsReader(stream);
            surroundings.Stop.ThrowIfCancellationRequested();
            if (!reader.Begin())
            {
                error.WriteLine($"hanse: {path}: at byte {reader.Damage!.Offset}: {reader.Damage.Reason}; "
                    + "write one with 'hanse sim run SCENARIO --facts FILE'");
                return ExitCode.Refused;
            }

            int code = work(reader);
            if (reader.Damage is not { } damage)
            {
                return code;
            }

            error.WriteLine($"hanse: {path}: at byte {damage.Offset}: {damage.Reason}");
            error.WriteLine("hanse: only what is before it was looked at; run 'hanse sim run "
                + $"{reader.Header!.Scenario} --seed {reader.Header.Seed} --facts FILE' again for the rest");
            return code == ExitCode.Refused ? code : ExitCode.Broken;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("hanse: stopped");
            return ExitCode.Interrupted;
        }
        catch (InvalidDataException damage)
        {
            error.WriteLine($"hanse: {path}: not a whole .gz file: {damage.Message}");
            return ExitCode.Refused;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"hanse: {path} cannot be read: {failure.Message} Write it with 'hanse sim run "
                + "SCENARIO --facts FILE'.");
            return ExitCode.Environment;
        }
    }
}
