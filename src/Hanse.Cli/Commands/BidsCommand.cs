using System.CommandLine;
using System.IO;
using Hanse.Cli.Facts;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.IO.Facts;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse bids</c>: why bounties were filled, or not.</summary>
internal static class BidsCommand
{
    private const string CodesGuide =
        "Exit codes: 0 fine; 1 the file is damaged; 2 the command line is wrong, or the file "
            + "is none of facts; 3 a file is not there; 130 ended by Ctrl-C.";

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("bids", "Looks at sealed bids, as their hub saw them.\n\n" + CodesGuide)
        {
            Explain(surroundings),
            Screen(surroundings),
        };

    private static Command Explain(Surroundings surroundings)
    {
        var bounty = new Argument<ulong?>("BOUNTY")
        {
            Description = "The bounty's number.",
            CustomParser = FactsReading.Number,
        };
        Argument<string> file = FactsReading.FileArgument();
        Option<string> form = JournalCommand.FormOption();
        var node = new Option<ulong?>("--node")
        {
            Description = "Only this node, batch by batch.",
            HelpName = "N",
            CustomParser = FactsReading.Number,
        };
        var command = new Command("explain", "Says how a bounty ended and why: for every node and batch, "
            + "why it did not bid, was not given work, or what it was paid and what set the price. It is the "
            + "operator's view: losing bids are told to no node.\n\n" + CodesGuide)
        {
            bounty, file, node, form,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            var asked = new BountyId(parsed.GetValue(bounty) ?? 0);
            NodeId? only = parsed.GetValue(node) is { } number && number <= uint.MaxValue
                ? new NodeId((uint)number) : null;
            TextWriter error = parsed.InvocationConfiguration.Error;
            return FactsReading.WithFacts(surroundings, path, error, reader =>
            {
                var explanation = new BidExplanation(asked);
                while (reader.Read() is { } step)
                {
                    surroundings.Stop.ThrowIfCancellationRequested();
                    explanation.Take(step);
                }

                if (explanation.Story is not { } story)
                {
                    error.WriteLine($"hanse: {path}: no bounty {asked.Value} was posted in these facts; "
                        + $"{explanation.Posted} were, numbered from 1 in a simulation");
                    return ExitCode.Refused;
                }

                var report = BidReport.Of(path, story, only);
                TextWriter output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(form) == "json")
                {
                    output.WriteLine(BidJson.Write(report));
                }
                else
                {
                    BidTable.Write(output, report, only?.Value);
                }

                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Screen(Surroundings surroundings)
    {
        Argument<string> file = FactsReading.FileArgument();
        Option<string> form = JournalCommand.FormOption();
        var command = new Command("screen", "Looks over all sealed bids for nodes that bid as rings do: that "
            + "ask far more than their peers for the same work, lose with bids that are alike, win by turns "
            + "or lose together. A finding is a reason to look, not a proof, and changes nothing; nodes are "
            + "not told.\n\n" + CodesGuide)
        {
            file, form,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            TextWriter error = parsed.InvocationConfiguration.Error;
            return FactsReading.WithFacts(surroundings, path, error, reader =>
            {
                var screening = new BidScreening(new ScreenRules());
                while (reader.Read() is { } step)
                {
                    surroundings.Stop.ThrowIfCancellationRequested();
                    screening.Take(step);
                }

                var report = ScreenReport.Of(path, screening);
                TextWriter output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(form) == "json")
                {
                    output.WriteLine(ScreenJson.Write(report));
                }
                else
                {
                    ScreenTable.Write(output, report);
                }

                return ExitCode.Fine;
            });
        });
        return command;
    }
}
