using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Google.Protobuf;
using Hanse.Cli.Keys;
using Hanse.Cli.Operators;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.Server.V1;
using BirthQuota = Hanse.Core.Strategy.BirthQuota;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse node birth-quota</c>: makes, signs and orders what lets machines be born.</summary>
/// <remarks>A file of a quota has a line with its canonical bytes, and one for each signature: key and
/// signature; all in hexadecimal digits. So it goes from one operator to the next, each of whom signs what
/// the first line says.</remarks>
internal static class BirthQuotaCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("birth-quota", "Lets nodes make nodes of machines that they build: so many, with these numbers, "
            + "as operators sign it. Made with 'new', signed by each with 'sign', ordered with 'order'.\n\n"
            + OperatorLink.CodesGuide)
        {
            New(), Sign(), Order(surroundings),
        };

    private static Command New()
    {
        var file = new Argument<string>("FILE") { Description = "The file to make." };
        var id = Needed<uint>("--id", "N", "The quota's number; one number is one quota for ever.");
        var first = Needed<uint>("--first", "N", "The first number of a node that may be born.");
        var count = Needed<uint>("--count", "N", "How many.");
        var region = new Option<uint>("--region")
        {
            Description = "For parents of this region only; equal shares for all without it.",
            HelpName = "N",
        };
        var classes = new Option<int[]>("--class")
        {
            Description = "A capability class. May be given several times.",
            HelpName = "N",
            Required = true,
        };
        var oldest = Whole("--generation-min", "N", "The oldest hardware generation.", 1);
        var newest = Whole("--generation-max", "N", "The newest.", 1);
        var until = Needed<double>("--until", "DAY", "Until which day of mission time.");
        var lease = Days("--lease-days", "How long a parent may use numbers that it was given.", 60);
        var show = Days("--show-days", "How long after that a child may still come.", 60);
        var probation = Days("--probation-days", "How long a child is on probation.", 30);
        var contracts = Whole("--probation-contracts", "N", "So many it must have settled by then.", 3);
        var worth = new Option<double>("--worth-max")
        {
            Description = "What a contract of a child on probation is worth at most, in credits.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command("new", "Makes the file of a quota, which nobody has signed.")
        {
            file, id, first, count, region, classes, oldest, newest, until, lease, show, probation, contracts,
            worth,
        };
        command.SetAction(parsed =>
        {
            var quota = new BirthQuota(
                parsed.GetValue(id), new RegionId(parsed.GetValue(region)),
                new BirthRange(parsed.GetValue(first), parsed.GetValue(count)),
                new BirthTerms(
                    [.. parsed.GetRequiredValue(classes).Distinct().Order()], parsed.GetValue(oldest),
                    parsed.GetValue(newest),
                    (Instant.Epoch + Time(parsed.GetValue(until))).FloorSecond, Time(parsed.GetValue(lease)),
                    Time(parsed.GetValue(show)), Time(parsed.GetValue(probation)), parsed.GetValue(contracts),
                    new Credits((long)(Math.Clamp(parsed.GetValue(worth), 0, 1_000_000) * 1_000_000))));
            TextWriter error = parsed.InvocationConfiguration.Error;
            string path = parsed.GetRequiredValue(file);
            if (!quota.IsSound)
            {
                error.WriteLine("hanse: that is no quota: numbers are positive, at most 1,000,000 births, "
                    + "1 to 16 classes, and the newest generation is not before the oldest");
                return ExitCode.Refused;
            }

            return JournalCommand.WithFiles(path, error, () =>
            {
                File.WriteAllText(path, Convert.ToHexStringLower(CborWriter.Bytes(quota)) + "\n");
                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Sign()
    {
        var file = new Argument<string>("FILE") { Description = "The file of the quota." };
        var key = Needed<string>("--key", "FILE", "Your private key, as 'hanse key new' makes it.");
        var command = new Command("sign", "Shows what a quota lets, and signs it.") { file, key };
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            string path = parsed.GetRequiredValue(file);
            return JournalCommand.WithFiles(path, error, () =>
            {
                if (Read(path) is not (var quota, var signatures))
                {
                    error.WriteLine($"hanse: '{path}' is no file of a quota");
                    return ExitCode.Refused;
                }

                using var own = KeyFile.Read(parsed.GetRequiredValue(key), out string? reason);
                if (own is null)
                {
                    error.WriteLine("hanse: " + reason);
                    return ExitCode.Refused;
                }

                BirthTerms terms = quota.Terms;
                parsed.InvocationConfiguration.Output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"quota {quota.Id}: {quota.Range.Count} births, numbers {quota.Range.First} to "
                        + $"{quota.Range.End - 1}, region {quota.Region.Value} (0: all), classes "
                        + $"{string.Join(' ', terms.Classes)}, generations {terms.GenerationMin} to "
                        + $"{terms.GenerationMax}, until day {terms.Until.Micros / 86_400e6:0.###}"));
                string line = Convert.ToHexStringLower(own.Key.Public.Raw!) + " "
                    + Convert.ToHexStringLower(own.Key.Sign(quota.ToSign()));
                if (!signatures.Contains(line))
                {
                    File.AppendAllText(path, line + "\n");
                }

                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Order(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var file = new Argument<string>("FILE") { Description = "The file of the quota, signed." };
        var command = new Command(
            "order", "Orders a quota. The same one may be ordered again.\n\n" + OperatorLink.CodesGuide)
        {
            file,
        };
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            string path = parsed.GetRequiredValue(file);
            return JournalCommand.WithFiles(path, error, () =>
            {
                if (Read(path) is not (var quota, var signatures))
                {
                    error.WriteLine($"hanse: '{path}' is no file of a quota");
                    return ExitCode.Refused;
                }

                var request = new OrderBirthsRequest
                {
                    Quota = ByteString.CopyFrom(CborWriter.Bytes(quota)),
                };
                request.Signatures.AddRange(signatures.Select(line => new OrderSignature
                {
                    PublicKey = ByteString.CopyFrom(Convert.FromHexString(line[..64])),
                    Signature = ByteString.CopyFrom(Convert.FromHexString(line[65..])),
                }));
                return link.Call(parsed, async (client, options) =>
                {
                    Hanse.Server.V1.BirthQuota taken = await client.OrderBirthsAsync(request, options);
                    parsed.InvocationConfiguration.Output.WriteLine(taken.IsTaken
                        ? $"quota {taken.Quota}: hubs have {taken.Given} numbers"
                        : $"quota {taken.Quota}: its signatures are being verified; order it again to see");
                }, surroundings.Stop);
            });
        });
        return link.On(command);
    }

    private static (BirthQuota Quota, string[] Signatures)? Read(string path)
    {
        string[] lines =
            [.. File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return lines.Length > 0 && lines[0].Length is > 0 and <= 1_024 && lines[0].Length % 2 == 0
            && lines[0].All(char.IsAsciiHexDigit)
            && CborReader.TryRead(Convert.FromHexString(lines[0]), out BirthQuota? quota, out _)
            && lines[1..].All(line => line.Length == 64 + 1 + 128 && line[64] == ' '
                && line.Remove(64, 1).All(char.IsAsciiHexDigit))
            ? (quota, lines[1..]) : null;
    }

    private static TimeSpan Time(double days) => TimeSpan.FromDays(Math.Clamp(days, 0, 3_650));

    private static Option<T> Needed<T>(string name, string help, string description) => new(name)
    {
        Description = description,
        HelpName = help,
        Required = true,
    };

    private static Option<double> Days(string name, string description, double usual) => new(name)
    {
        Description = description,
        HelpName = "DAYS",
        DefaultValueFactory = _ => usual,
    };

    private static Option<int> Whole(string name, string help, string description, int usual) => new(name)
    {
        Description = description,
        HelpName = help,
        DefaultValueFactory = _ => usual,
    };
}
