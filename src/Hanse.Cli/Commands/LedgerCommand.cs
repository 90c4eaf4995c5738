using System.CommandLine;
using System.IO;
using Hanse.Cli.Facts;
using Hanse.Core.Identity;
using Hanse.IO.Facts;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse ledger</c>: proves the books from what the machines remember.</summary>
internal static class LedgerCommand
{
    private const string CodesGuide =
        "Exit codes: 0 the ledger holds; 1 it does not, or the file is damaged; 2 the command line is wrong, "
            + "or the file is none of facts; 3 a file is not there; 130 ended by Ctrl-C.";

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("ledger", "Proves the books of a fleet.\n\n" + CodesGuide) { Audit(surroundings) };

    private static Command Audit(Surroundings surroundings)
    {
        Argument<string> file = FactsReading.FileArgument();
        Option<string> form = JournalCommand.FormOption();
        var bounty = new Option<ulong?>("--bounty")
        {
            Description = "Shows the money of one bounty as well, payment by payment.",
            HelpName = "N",
            CustomParser = FactsReading.Number,
        };
        var demand = new Option<ulong?>("--demand")
        {
            Description = "Shows where the lots of one demand were as well, and why they came back.",
            HelpName = "N",
            CustomParser = FactsReading.Number,
        };
        var command = new Command("audit", "Adds up again what the facts of a fleet say, without the code "
            + "that kept the books: nothing is minted but for a charter or a bounty, every payment is for "
            + "cargo that was weighed, every transfer is booked once, and minted = escrow + in transit + "
            + "balances + burned at every fact; a lot of a demand is in one region at most, and counts once. "
            + "Says where the first thing is that does not hold.\n\n"
            + CodesGuide)
        {
            file, bounty, demand, form,
        };
        command.SetAction(parsed =>
        {
            var asked = parsed.GetValue(bounty) is { } number ? new BountyId(number) : (BountyId?)null;
            string path = parsed.GetRequiredValue(file);
            var audit = new LedgerAudit();
            TextWriter error = parsed.InvocationConfiguration.Error;
            return FactsReading.WithFacts(surroundings, path, error, reader =>
            {
                while (audit.Finding is null && reader.Read() is { } step)
                {
                    surroundings.Stop.ThrowIfCancellationRequested();
                    audit.Take(step, reader.Offset);
                }

                if (audit.Finding is null && asked is { } wanted && !audit.Bounties.ContainsKey(wanted))
                {
                    error.WriteLine($"hanse: {path}: no bounty {wanted.Value} was posted in these facts; "
                        + $"{audit.Bounties.Count} were, numbered from 1 in a simulation");
                    return ExitCode.Refused;
                }

                var lots = parsed.GetValue(demand) is { } which ? new DemandId(which) : (DemandId?)null;
                if (audit.Finding is null && lots is { } sought && !audit.Demands.ContainsKey(sought))
                {
                    error.WriteLine($"hanse: {path}: no demand {sought.Value} was posted in these facts; "
                        + $"{audit.Demands.Count} were, numbered from 1 in a simulation");
                    return ExitCode.Refused;
                }

                var report = LedgerReport.Of(path, reader, audit, asked, lots);
                TextWriter output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(form) == "json")
                {
                    output.WriteLine(LedgerJson.Write(report));
                }
                else
                {
                    LedgerTable.Write(output, report);
                }

                return audit.Finding is null ? ExitCode.Fine : ExitCode.Broken;
            });
        });
        return command;
    }
}
